/** The two that compute the same trees, each from nothing to where it can price. */

import { numbers, WIDTH } from "./numbers.js";

export const RUNTIMES = { loupe, onnx };

/** As the package's README says, with another model. */
async function loupe() {
  const { load } = await import("/loupe-diamonds/index.js");
  const model = await load(await file("/model.loupe"));
  return {
    model,
    price: (stones) => stones.map((stone) => model.price(stone)),
  };
}

/** As onnxruntime's documentation says, with one thread, as a page without cross-origin isolation has it in any case. */
async function onnx() {
  const ort = await import("/onnxruntime-web/dist/ort.wasm.bundle.min.mjs");
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(await file("/model.onnx"), { executionProviders: ["wasm"] });
  const [input] = session.inputNames;
  const [output] = session.outputNames;
  const price = async (stones) => {
    const answer = await session.run({ [input]: new ort.Tensor("float32", numbers(stones), [stones.length, WIDTH]) });
    return Array.from(answer[output].data, Math.exp);
  };
  return { price };
}

export async function file(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
