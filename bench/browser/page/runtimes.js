/** Loads the two runtimes, which compute the same trees. */

import { numbers, WIDTH } from "./numbers.js";

export const RUNTIMES = { loupe, onnx };

/** As in the package's README, with another model. */
async function loupe() {
  const { load } = await import("/loupe-diamonds/index.js");
  const model = await load(await file("/model.loupe"));
  return {
    model,
    price: (stones) => stones.map((stone) => model.price(stone)),
  };
}

/** As in onnxruntime's documentation, with one thread, which is all that a page without cross-origin isolation gets. */
async function onnx() {
  const ort = await import("/onnxruntime-web/dist/ort.wasm.bundle.min.mjs");
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(await file("/model.onnx"), { executionProviders: ["wasm"] });
  const [input] = session.inputNames;
  const [output] = session.outputNames;
  const price = async (stones) => {
    const results = await session.run({ [input]: new ort.Tensor("float32", numbers(stones), [stones.length, WIDTH]) });
    return Array.from(results[output].data, Math.exp);
  };
  return { price };
}

export async function file(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
