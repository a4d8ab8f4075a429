/** Everybody who prices stones in this page, from JavaScript objects to dollars. */

import { file, RUNTIMES } from "./runtimes.js";

const TURN_MS = 50;

/** Everybody, by name, each as a function that prices all stones; and by how much the two runtimes differ at most. */
export async function lineup(stones) {
  const [{ model, price }, onnx] = [await RUNTIMES.loupe(), await RUNTIMES.onnx()];
  const { load } = await import("/loupe-diamonds/index.js");
  const { loadInWorker } = await import("/loupe-diamonds/worker.js");
  const released = await load();
  const worker = await loadInWorker({ modelBytes: await file("/model.loupe") });
  const difference = largest(price(stones), await onnx.price(stones));
  const everybody = {
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
  return { everybody, difference };
}

/** As often as there is time; how many times, and how long it took by the clock. */
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

/** As a share of the price. What is no number differs without end. */
function largest(ours, others) {
  const differences = ours.map((price, at) => Math.abs(others[at] / price - 1));
  return differences.every(Number.isFinite) ? Math.max(...differences) : Number.MAX_VALUE;
}
