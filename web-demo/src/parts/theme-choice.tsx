import { isDark, theme } from "../theme";

/** A button that switches between light and dark. */
export function ThemeChoice() {
  const next = isDark() ? "light" : "dark";
  return (
    <button type="button" class="theme" aria-label={`Turn the page ${next}`} onClick={() => (theme.value = next)}>
      <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
        <circle cx="10" cy="10" r="7.25" fill="none" stroke="currentColor" stroke-width="1.5" />
        <path d="M10 2.75a7.25 7.25 0 0 1 0 14.5z" fill="currentColor" />
      </svg>
    </button>
  );
}
