/** Loupe and onnxruntime-web in one page: how fast they price, how soon they can, and what a page has to load for it. */

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { serve } from "../../inference-wasm/browser/test/chromium.js";
import { Thread } from "./thread.js";

const ROUNDS = 41;
const STARTS = 9;

const TYPES = { ".mjs": "text/javascript", ".onnx": "application/octet-stream" };
const folder = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Measures with the models of a folder, `model.loupe` and `model.onnx`. */
export async function measure(browser, models, stones) {
  const { url, stop } = await serve([folder("page"), folder("../../npm"), folder("node_modules"), models], undefined, TYPES);
  try {
    return { ...(await race(browser, url, stones)), starts: await starts(browser, url, stones[0]) };
  } finally {
    stop();
  }
}

/** Rounds in which everybody takes a turn in the same page: what disturbs the machine disturbs all of them. */
async function race(browser, url, stones) {
  return inNewPage(browser, url, async (page) => {
    const { names, difference } = await page.evaluate(async (stones) => {
      const { lineup, turn } = await import("/lineup.js");
      const { everybody, difference } = await lineup(stones);
      globalThis.take = (name) => turn(everybody[name]);
      return { names: Object.keys(everybody), difference };
    }, stones);
    const thread = await Thread.of(page);
    const take = (name) => thread.during(() => page.evaluate((name) => globalThis.take(name), name));
    // V8 compiles what is called often a second time, and better.
    for (const name of [...names, ...names]) await take(name);
    const speeds = names.map((name) => ({ name, turns: [] }));
    for (let round = 0; round < ROUNDS; round++) {
      for (let place = 0; place < names.length; place++) {
        const { name, turns } = speeds[(place + round) % names.length];
        turns.push(await take(name));
      }
    }
    return { difference, speeds };
  });
}

/** From nothing to the first price, each time in a browser that knows nothing. */
async function starts(browser, url, stone) {
  const start = (page, runtime) =>
    page.evaluate(
      async ([runtime, stone]) => {
        const { RUNTIMES } = await import("/runtimes.js");
        const began_ms = performance.now();
        const { price } = await RUNTIMES[runtime]();
        await price([stone]);
        return performance.now() - began_ms;
      },
      [runtime, stone],
    );
  const started = [];
  for (const [runtime, name] of Object.entries({ loupe: "loupe-diamonds", onnx: "onnxruntime-web" })) {
    const bytes = await inNewPage(browser, url, (page) => weigh(page, () => start(page, runtime)));
    started.push({ runtime, name, bytes, ms: [] });
  }
  for (let round = 0; round < STARTS; round++) {
    for (const { runtime, ms } of started) ms.push(await inNewPage(browser, url, (page) => start(page, runtime)));
  }
  return started;
}

/** Bytes after gzip -9 of whatever a page asks for meanwhile, the benchmark's own scripts aside. */
async function weigh(page, act) {
  const asked = new Set();
  page.on("request", (request) => asked.add(request.url()));
  await act();
  const bytes = { scripts: 0, wasm: 0, model: 0 };
  for (const url of asked) {
    const [, first, ...rest] = new URL(url).pathname.split("/");
    const kind = first.startsWith("model.") ? "model" : url.endsWith(".wasm") ? "wasm" : "scripts";
    if (kind === "scripts" && rest.length === 0) continue;
    bytes[kind] += compressed(Buffer.from(await (await fetch(url)).arrayBuffer()));
  }
  return bytes;
}

function compressed(input) {
  return execFileSync("gzip", ["-9", "-n", "-c"], { input, maxBuffer: 1 << 26 }).length;
}

async function inNewPage(browser, url, use) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(url);
    return await use(page);
  } finally {
    await context.close();
  }
}
