/** Measures Loupe and onnxruntime-web in one page: how fast they price, how soon the first price is there, what a page loads. */

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { serve } from "../../inference-wasm/browser/test/chromium.js";
import { ThreadTime } from "./thread_time.js";

const ROUNDS = 41;
const STARTS = 9;

const TYPES = { ".mjs": "text/javascript", ".onnx": "application/octet-stream" };
const folder = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Measures with the models of a folder, `model.loupe` and `model.onnx`. */
export async function measure(browser, models, stones) {
  const { url, stop } = await serve([folder("page"), folder("../../npm"), folder("node_modules"), models], undefined, TYPES);
  try {
    return { ...(await speeds(browser, url, stones)), starts: await starts(browser, url, stones[0]) };
  } finally {
    stop();
  }
}

/** Interleaved rounds in the same page: a disturbance of the machine meets every contender. */
async function speeds(browser, url, stones) {
  return inNewPage(browser, url, async (page) => {
    const { names, difference } = await page.evaluate(async (stones) => {
      const { open, turn } = await import("/contenders.js");
      const { contenders, difference } = await open(stones);
      globalThis.turn = (name) => turn(contenders[name]);
      return { names: Object.keys(contenders), difference };
    }, stones);
    const thread = await ThreadTime.of(page);
    const take = (name) => thread.during(() => page.evaluate((name) => globalThis.turn(name), name));
    // V8 recompiles and optimises what is called often.
    for (const name of [...names, ...names]) await take(name);
    const series = names.map((name) => ({ name, turns: [] }));
    for (let round = 0; round < ROUNDS; round++) {
      for (let place = 0; place < names.length; place++) {
        const { name, turns } = series[(place + round) % names.length];
        turns.push(await take(name));
      }
    }
    return { difference, speeds: series };
  });
}

/** From nothing to the first price, each time in a new browser context. */
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
    const bytes = await inNewPage(browser, url, (page) => bytesLoaded(page, () => start(page, runtime)));
    started.push({ runtime, name, bytes, ms: [] });
  }
  for (let round = 0; round < STARTS; round++) {
    for (const { runtime, ms } of started) ms.push(await inNewPage(browser, url, (page) => start(page, runtime)));
  }
  return started;
}

/** Bytes after gzip -9 of every file that a page requests meanwhile, except the benchmark's own scripts. */
async function bytesLoaded(page, action) {
  const requested = new Set();
  page.on("request", (request) => requested.add(request.url()));
  await action();
  const bytes = { scripts: 0, wasm: 0, model: 0 };
  for (const url of requested) {
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
