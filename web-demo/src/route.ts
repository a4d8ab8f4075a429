/** Which page is shown: the fragment of the address, which also carries the stone. */

import { effect, signal } from "@preact/signals";
import { takeQuery, toQuery, form } from "./stone/stone";

export const PAGES = ["price", "curve", "similar", "batch", "models", "live"] as const;
export type PageName = (typeof PAGES)[number];

/** Pages that are about one stone. */
const OF_A_STONE: readonly PageName[] = ["price", "curve", "similar"];

/** A browser refuses to change its address too often; a hand on a slider asks sixty times a second. */
const SETTLED_MS = 300;

export const page = signal<PageName>("price");

/** The address of a page, with the stone in it where the page is about one. */
export function address(name: PageName): string {
  return OF_A_STONE.includes(name) ? `#/${name}?${toQuery(form.value)}` : `#/${name}`;
}

/** Follows the address, and has the address follow the stone. */
export function follow(): void {
  read();
  addEventListener("hashchange", read);
  let settling: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    const wanted = address(page.value);
    clearTimeout(settling);
    settling = setTimeout(() => {
      // On the way to another page the address is that page's already, and not to be written over.
      const isOfThisPage = where().name === page.peek();
      if (isOfThisPage && location.hash !== wanted) history.replaceState(null, "", wanted);
    }, SETTLED_MS);
  });
}

function read(): void {
  const { name, query } = where();
  page.value = name;
  takeQuery(query);
}

/** What the address says. */
function where(): { name: PageName; query: URLSearchParams } {
  const [, name, query] = /^#\/?([^?]*)\??(.*)$/.exec(location.hash) ?? [];
  return { name: PAGES.find((known) => known === name) ?? "price", query: new URLSearchParams(query) };
}
