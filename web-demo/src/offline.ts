/** The service worker, and whether this page works without a network by now. */

import { signal } from "@preact/signals";

export const offline = signal(false);
/** Whether the browser believes that there is a network. */
export const connected = signal(navigator.onLine);
addEventListener("online", () => (connected.value = true));
addEventListener("offline", () => (connected.value = false));

/** Has the browser keep the app. */
export function workOffline(): void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  navigator.serviceWorker.register("/sw.js").then(
    () => navigator.serviceWorker.ready.then(() => (offline.value = true)),
    // A browser that keeps nothing goes on as it is.
    () => {},
  );
}
