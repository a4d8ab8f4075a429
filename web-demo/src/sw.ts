/// <reference lib="webworker" />
/** The service worker: serves the app where there is no network. The API is none of its business. */

declare const self: ServiceWorkerGlobalScope;
/** Every file that the app is made of, and a name for this lot of them; the build puts them in front. */
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
  // Assets never change and may come from the browser's own cache; the rest must be what the service has now.
  await cache.addAll(FILES.map((file) => new Request(file, file.startsWith("/assets/") ? {} : { cache: "no-cache" })));
}

async function forgetOthers(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
}

/** Files that never change: from the cache, without a question. */
async function kept(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}

/** The page itself: the service's, or the one that was kept where the service is out of reach. */
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
