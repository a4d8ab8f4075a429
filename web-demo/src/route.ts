/** The page that is shown, and the stone, both from the fragment of the address. */

import { effect, signal } from "@preact/signals";
import { takeQuery, toQuery, form } from "./stone/stone";

export const PAGES = ["price", "curve", "similar", "batch", "models", "live"] as const;
export type PageName = (typeof PAGES)[number];

/** Pages whose address contains the stone. */
const OF_A_STONE: readonly PageName[] = ["price", "curve", "similar"];

/** Browsers limit how often a page may change its address; dragging a slider would do so sixty times a second. */
const SETTLED_MS = 300;

export const page = signal<PageName>("price");

/** The address of a page, with the stone if the page is about one. */
export function address(name: PageName): string {
  return OF_A_STONE.includes(name) ? `#/${name}?${toQuery(form.value)}` : `#/${name}`;
}

/** Shows the page that the address names, and keeps the stone in the address up to date. */
export function follow(): void {
  read();
  addEventListener("hashchange", read);
  let settling: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    const wanted = address(page.value);
    clearTimeout(settling);
    settling = setTimeout(() => {
      // During navigation the address already belongs to the next page and must not be overwritten.
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

/** Parses the fragment of the address. */
function where(): { name: PageName; query: URLSearchParams } {
  const [, name, query] = /^#\/?([^?]*)\??(.*)$/.exec(location.hash) ?? [];
  return { name: PAGES.find((known) => known === name) ?? "price", query: new URLSearchParams(query) };
}
