/** Registers the service worker, and says whether the page works offline yet. */

import { signal } from "@preact/signals";

export const offline = signal(false);
/** Whether the service can be reached, as far as the browser and the last request tell. */
export const connected = signal(navigator.onLine);
addEventListener("online", () => (connected.value = true));
addEventListener("offline", () => (connected.value = false));

/** Registers the service worker, which caches the app. */
export function workOffline(): void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  navigator.serviceWorker.register("/sw.js").then(
    () => navigator.serviceWorker.ready.then(() => (offline.value = true)),
    // Without a service worker the page still works online.
    () => {},
  );
}
