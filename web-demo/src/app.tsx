/** The header, the navigation, and the current page. */

import type { ComponentType } from "preact";
import { lazily } from "./parts/lazily";
import { ThemeChoice } from "./parts/theme-choice";
import { loupe } from "./engine";
import { connected, offline } from "./offline";
import { PricePage } from "./price/page";
import { address, page, type PageName, PAGES } from "./route";

/** The first page is part of the app; the others are loaded when they are opened. */
const PAGE: Record<PageName, { name: string; title: string; shown: ComponentType }> = {
  price: { name: "Price", title: "What is a diamond worth?", shown: PricePage },
  curve: { name: "Curve", title: "Price by weight", shown: lazily(() => import("./curve/page")) },
  similar: { name: "Similar", title: "Real stones most like it", shown: lazily(() => import("./similar/page")) },
  batch: { name: "Batch", title: "Price a whole list", shown: lazily(() => import("./batch/page")) },
  models: { name: "Models", title: "How the models have done", shown: lazily(() => import("./models/page")) },
  live: { name: "Live", title: "The service, live", shown: lazily(() => import("./live/page")) },
};

export function App() {
  const { title, shown: Page } = PAGE[page.value];
  document.title = page.value === "price" ? "Loupe: what is a diamond worth?" : `${title} · Loupe`;
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>
        Skip to the page
      </a>
      <Masthead />
      <main id="main" tabIndex={-1}>
        <h1>{title}</h1>
        <Page />
      </main>
      <footer>
        <p>
          <PricesIn /> An estimate is not an appraisal.
        </p>
        <p>
          <Network /> <a href="/docs">The API behind this page</a>
        </p>
      </footer>
    </>
  );
}

/** The navigation is a component of its own because its links contain the stone: only they change with every step of a slider. */
function Masthead() {
  return (
    <header class="masthead">
      <a class="brand" href={address("price")}>
        <img src="/favicon.svg" alt="" width="28" height="28" />
        Loupe
      </a>
      <nav aria-label="Pages">
        {PAGES.map((name) => (
          <a key={name} href={address(name)} data-name={PAGE[name].name} aria-current={page.value === name ? "page" : undefined}>
            {PAGE[name].name}
          </a>
        ))}
      </nav>
      <ThemeChoice />
    </header>
  );
}

function PricesIn() {
  const pricesIn = loupe.value?.model.prices_in;
  return pricesIn && <>Prices are in {pricesIn}, as in the data that the model learnt from.</>;
}

function Network() {
  if (!connected.value) return <span class="network">Not connected: prices still work.</span>;
  return offline.value ? <span class="network">Works without a network.</span> : null;
}

/** Moves the focus by script, since the fragment is the page's address and must not change. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}
