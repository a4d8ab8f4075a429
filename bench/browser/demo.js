/** Measures the page at `/`, served by edge-host from the component. */

import { start } from "../../web-demo/test/service.js";
import { ThreadTime } from "./thread_time.js";

const VISITS = 9;
const STEPS = 200;
/** Of a display with sixty frames per second. */
const FRAME_MS = 1000 / 60;

/** The attribute that changes with each step of the slider, page by page. */
const CHANGING = {
  price: { selector: "[data-price]", attribute: "data-price" },
  curve: { selector: ".marker-this", attribute: "style" },
};

export async function measure(browser) {
  const service = await start();
  try {
    return { visits: await visits(browser, service.url), steps: await sliderSteps(browser, service.url) };
  } finally {
    await service.stop();
  }
}

/** From the navigation to the painted price, in a new browser context and in one with a service worker. */
async function visits(browser, url) {
  const [cold, warm] = [[], []];
  for (let visit = 0; visit < VISITS; visit++) {
    const context = await browser.newContext();
    await context.addInitScript(recordFirstPrice);
    const page = await context.newPage();
    cold.push(await firstPrice(page, url));
    // From then on the service worker has every file.
    await page.getByText("Works without a network.").waitFor();
    warm.push(await firstPrice(await context.newPage(), url));
    await context.close();
  }
  return [
    { name: "first price painted, nothing cached", turns: cold },
    { name: "first price painted, by the service worker", turns: warm },
  ];
}

async function firstPrice(page, url) {
  const thread = await ThreadTime.of(page);
  return thread.during(async () => {
    await page.goto(url);
    const recorded = await page.waitForFunction(() => globalThis.firstPrice_ms);
    return { ms: await recorded.jsonValue() };
  });
}

/** In the page, whose clock starts with the navigation: the price is painted when the frame after its own begins. */
function recordFirstPrice() {
  new MutationObserver((_, observer) => {
    if (!document.querySelector("[data-price]")) return;
    observer.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => (globalThis.firstPrice_ms = performance.now())));
  }).observe(document, { childList: true, subtree: true, attributeFilter: ["data-price"] });
}

/** Steps of the slider by a real key press. */
async function sliderSteps(browser, url) {
  const series = [];
  for (const [name, shown] of Object.entries(CHANGING)) {
    const page = await browser.newPage();
    await page.goto(`${url}/#/${name}?carat=0.3`);
    await page.locator(shown.selector).first().waitFor();
    await page.getByRole("slider", { name: "Carat" }).focus();
    await page.evaluate(followSteps, shown);
    const thread = await ThreadTime.of(page);
    const steps = [];
    for (let step = 0; step < STEPS; step++) {
      // A user does not press keys in step with the frames.
      await page.waitForTimeout(FRAME_MS * ((0.618 * step) % 1));
      const measured = thread.during(async () => {
        await page.keyboard.press("ArrowRight");
        return page.evaluate(() => globalThis.step);
      });
      steps.push(await measured);
    }
    await page.close();
    series.push({ name: `slider step on ${name}`, turns: steps });
  }
  return series;
}

/** In the page: `globalThis.step` becomes the measurement of the last key's step, once the next frame is painted. */
function followSteps({ selector, attribute }) {
  const shown = () => document.querySelector(selector)?.getAttribute(attribute);
  /** Resolves in the first task after the next frame began: by then it is painted. */
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
