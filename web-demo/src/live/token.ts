/** The operator's token, kept only until the tab is closed. */

import { signal } from "@preact/signals";

const KEY = "operator-token";

export const token = signal(kept());

export function remember(given: string): void {
  token.value = given;
  try {
    sessionStorage.setItem(KEY, given);
  } catch {
    // Without storage the token has to be entered again after a reload.
  }
}

export function forget(): void {
  token.value = "";
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Without storage there is nothing to remove.
  }
}

function kept(): string {
  try {
    return sessionStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}
