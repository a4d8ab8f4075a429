/** The page at `/` as its visitors have it, served by edge-host from the component. */

import { start } from "../../web-demo/test/service.js";
import { Thread } from "./thread.js";

const VISITS = 9;
const STEPS = 200;
/** Of a display that shows sixty a second. */
const FRAME_MS = 1000 / 60;

/** What changes on a page with each step of the slider. */
const SHOWN = {
  price: { selector: "[data-price]", attribute: "data-price" },
  curve: { selector: ".marker-this", attribute: "style" },
};

export async function measure(browser) {
  const service = await start();
  try {
    return { first_price: await firstPrices(browser, service.url), sliders: await sliders(browser, service.url) };
  } finally {
    await service.stop();
  }
}

/** From the navigation to the painted price: by a browser that knows nothing, then by one that has been here. */
async function firstPrices(browser, url) {
  const [cold, warm] = [[], []];
  for (let visit = 0; visit < VISITS; visit++) {
    const context = await browser.newContext();
    await context.addInitScript(noteFirstPrice);
    const page = await context.newPage();
    cold.push(await firstPrice(page, url));
    // From now on the service worker has everything.
    await page.getByText("Works without a network.").waitFor();
    warm.push(await firstPrice(await context.newPage(), url));
    await context.close();
  }
  return { cold, warm };
}

async function firstPrice(page, url) {
  const thread = await Thread.of(page);
  return thread.during(async () => {
    await page.goto(url);
    const noted = await page.waitForFunction(() => globalThis.firstPrice_ms);
    return { ms: await noted.jsonValue() };
  });
}

/** In the page, whose clock begins with the navigation: when a frame after the one with the price begins, that is painted. */
function noteFirstPrice() {
  new MutationObserver((_, observer) => {
    if (!document.querySelector("[data-price]")) return;
    observer.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => (globalThis.firstPrice_ms = performance.now())));
  }).observe(document, { childList: true, subtree: true, attributeFilter: ["data-price"] });
}

/** Steps of the slider by a key that is really pressed. */
async function sliders(browser, url) {
  const sliders = [];
  for (const [name, shown] of Object.entries(SHOWN)) {
    const page = await browser.newPage();
    await page.goto(`${url}/#/${name}?carat=0.3`);
    await page.locator(shown.selector).first().waitFor();
    await page.getByRole("slider", { name: "Carat" }).focus();
    await page.evaluate(followSteps, shown);
    const thread = await Thread.of(page);
    const steps = [];
    for (let step = 0; step < STEPS; step++) {
      // A hand does not know when a frame begins.
      await page.waitForTimeout(FRAME_MS * ((0.618 * step) % 1));
      const taken = thread.during(async () => {
        await page.keyboard.press("ArrowRight");
        return page.evaluate(() => globalThis.step);
      });
      steps.push(await taken);
    }
    await page.close();
    sliders.push({ page: name, steps });
  }
  return sliders;
}

/** In the page: has `globalThis.step` be the last key's step, once the frame after it is painted. */
function followSteps({ selector, attribute }) {
  const shown = () => document.querySelector(selector)?.getAttribute(attribute);
  /** A frame's begin, and the first task after it: by then it is painted. */
  const frame = () =>
    new Promise((painted) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => painted(performance.now());
      requestAnimationFrame(() => port2.postMessage(undefined));
    });
  const follow = async ({ timeStamp: pressed_ms }) => {
    const painted_ms = await frame();
    const painted = shown();
    await frame();
    return { ms: painted_ms - pressed_ms, late: shown() !== painted };
  };
  addEventListener("keydown", (event) => (globalThis.step = follow(event)), { capture: true });
}
