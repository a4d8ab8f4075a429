/** Light or dark: what the system says, unless the visitor says otherwise. */

import { effect, signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";

const KEY = "theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

export const theme = signal<Theme>(kept());
/** Increases when the theme changes, so that charts, which CSS cannot restyle, draw themselves again. */
export const repaints = signal(0);

/** Whether the page is dark now. */
export function isDark(): boolean {
  return theme.value === "system" ? dark.matches : theme.value === "dark";
}

/** Applies the choice to the page. */
export function apply(): void {
  dark.addEventListener("change", () => repaints.value++);
  effect(() => {
    const chosen = theme.value;
    document.documentElement.dataset.theme = chosen;
    repaints.value = repaints.peek() + 1;
    try {
      if (chosen === "system") localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, chosen);
    } catch {
      // Without storage the choice is lost on reload.
    }
  });
}

function kept(): Theme {
  try {
    const found = localStorage.getItem(KEY);
    return found === "light" || found === "dark" ? found : "system";
  } catch {
    return "system";
  }
}
