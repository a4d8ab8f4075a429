/**
 * Measures in Chromium: `node main.js DIAMONDS.csv FOLDER`, where the folder has `model.loupe` and `model.onnx`, the same trees.
 * Prints every measurement of every round as JSON; `bench/src/browser.rs` makes tables of it.
 */

import { launch } from "../../inference-wasm/browser/test/chromium.js";
import * as demo from "./demo.js";
import * as runtimes from "./runtimes.js";
import { readStones } from "./stones.js";

const STONES = 1_000;

const [data, models] = process.argv.slice(2);
const browser = await launch();
try {
  const chromium = browser.version();
  console.error("loupe-diamonds and onnxruntime-web");
  const compared = await runtimes.measure(browser, models, readStones(data, STONES));
  console.error("the page at /");
  const page = await demo.measure(browser);
  console.log(JSON.stringify({ chromium, stones: STONES, ...compared, ...page }));
} finally {
  await browser.close();
}
