/**
 * Measures in Chromium: `node main.js DIAMONDS.csv FOLDER`, where the folder has `model.loupe` and `model.onnx`, the same trees.
 * What was measured goes to standard output as it is, round by round; `bench/src/browser` makes tables of it.
 */

import { launch } from "../../inference-wasm/browser/test/chromium.js";
import * as demo from "./demo.js";
import * as runtimes from "./runtimes.js";
import { stonesOf } from "./stones.js";

const STONES = 1_000;

const [table, models] = process.argv.slice(2);
const browser = await launch();
try {
  const chromium = browser.version();
  console.error("loupe-diamonds beside onnxruntime-web");
  const beside = await runtimes.measure(browser, models, stonesOf(table, STONES));
  console.error("the page at /");
  const page = await demo.measure(browser);
  console.log(JSON.stringify({ chromium, stones: STONES, ...beside, ...page }));
} finally {
  await browser.close();
}
