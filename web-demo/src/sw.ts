/// <reference lib="webworker" />
/** The service worker: serves the app when there is no network. It leaves requests to the API alone. */

declare const self: ServiceWorkerGlobalScope;
/** The files of the app, and a version for this set of files. The build inserts both above. */
declare const FILES: readonly string[];
declare const VERSION: string;

const CACHE = `app-${VERSION}`;

self.addEventListener("install", (event) => {
  event.waitUntil(keep().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== self.location.origin || !FILES.includes(pathname)) return;
  event.respondWith(pathname.startsWith("/assets/") ? kept(event.request) : fresh(event.request));
});

async function keep(): Promise<void> {
  const cache = await caches.open(CACHE);
  // Assets never change and may come from the browser's cache; anything else must be the service's current version.
  await cache.addAll(FILES.map((file) => new Request(file, file.startsWith("/assets/") ? {} : { cache: "no-cache" })));
}

async function forgetOthers(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
}

/** Files that never change come from the cache without a request. */
async function kept(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}

/** The page comes from the service, or from the cache if the service cannot be reached. */
async function fresh(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const found = await caches.match(request, { ignoreSearch: true });
    if (found) return found;
    throw error;
  }
}

export {};
