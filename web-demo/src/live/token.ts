/** The operator's token: kept while the tab is open, and nowhere else. */

import { signal } from "@preact/signals";

const KEY = "operator-token";

export const token = signal(kept());

export function remember(given: string): void {
  token.value = given;
  try {
    sessionStorage.setItem(KEY, given);
  } catch {
    // A browser that keeps nothing asks again after a reload.
  }
}

export function forget(): void {
  token.value = "";
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Nothing was kept.
  }
}

function kept(): string {
  try {
    return sessionStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}
