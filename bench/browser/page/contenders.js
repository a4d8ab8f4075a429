/** The contenders in this page, which price stones from JavaScript objects to dollars. */

import { file, RUNTIMES } from "./runtimes.js";

const TURN_MS = 50;

/** Functions by name, each of which prices all stones; and by how much the prices of the two runtimes differ at most. */
export async function open(stones) {
  const [{ model, price }, onnx] = [await RUNTIMES.loupe(), await RUNTIMES.onnx()];
  const { load } = await import("/loupe-diamonds/index.js");
  const { loadInWorker } = await import("/loupe-diamonds/worker.js");
  const released = await load();
  const worker = await loadInWorker({ modelBytes: await file("/model.loupe") });
  const difference = largestDifference(price(stones), await onnx.price(stones));
  const contenders = {
    price: () => price(stones),
    predict: () => stones.map((stone) => model.predict(stone)),
    released: () => stones.map((stone) => released.predict(stone)),
    onnx: async () => {
      const prices = [];
      for (const stone of stones) prices.push((await onnx.price([stone]))[0]);
      return prices;
    },
    predictBatch: () => model.predictBatch(stones),
    worker: () => worker.predictBatch(stones),
    onnxBatch: () => onnx.price(stones),
  };
  return { contenders, difference };
}

/** Repeats a function for the time of a turn. Returns how often it ran, and how long that took by the clock. */
export async function turn(run) {
  const began_ms = performance.now();
  let runs = 0;
  let clock_ms;
  do {
    await run();
    runs++;
    clock_ms = performance.now() - began_ms;
  } while (clock_ms < TURN_MS);
  return { runs, clock_ms };
}

/** As a share of the price; the largest number there is if a price is not a number. */
function largestDifference(ours, others) {
  const differences = ours.map((price, at) => Math.abs(others[at] / price - 1));
  return differences.every(Number.isFinite) ? Math.max(...differences) : Number.MAX_VALUE;
}
