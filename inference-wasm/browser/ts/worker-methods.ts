/** The methods that a worker offers: those of a `Loupe`, and those that load one. */

import { LoupeError } from "./errors.js";
import { load, type Loupe } from "./loupe.js";
import { toSendable, type SendableError } from "./sendable-error.js";
import { loadSamples } from "./sample-index.js";
import type { Bytes } from "./file.js";
import type { Diamond, FourCs, ModelInfo, Prediction } from "./types.js";
import { init, type WasmSource } from "./wasm.js";

/** A call of a method. */
export interface Call {
  id: number;
  method: keyof WorkerMethods;
  parameters: unknown[];
}

/** The reply to the call with that id: a result or an error. */
export type Reply = { id: number } & ({ result: unknown } | { refused: SendableError } | { thrown: unknown });

/** The methods by their names. */
export type WorkerMethods = typeof answers;

/** Answers a call, with its result or its error. */
export async function answer({ id, method, parameters }: Call): Promise<Reply> {
  try {
    const called = answers[method] as (...parameters: unknown[]) => unknown;
    return { id, result: await called(...parameters) };
  } catch (error) {
    return error instanceof LoupeError ? { id, refused: toSendable(error) } : { id, thrown: error };
  }
}

let loupe: Loupe;

const answers = {
  /** Must be called first. */
  async load(modelBytes?: Bytes, wasm?: WasmSource): Promise<ModelInfo> {
    await init(wasm);
    loupe = await load(modelBytes);
    return loupe.model;
  },
  predict: (diamond: Diamond) => loupe.predict(diamond),
  price: (diamond: Diamond) => loupe.price(diamond),
  predictBatch: (diamonds: readonly Diamond[]): (Prediction | { refused: SendableError })[] =>
    loupe.predictBatch(diamonds).map((it) => ("error" in it ? { refused: toSendable(it.error) } : it)),
  explain: (diamond: Diamond) => loupe.explain(diamond),
  loadSamples: (source?: string | Bytes) => loadSamples(source),
  similar: (diamond: FourCs, n: number) => loupe.similar(diamond, n),
  ofKind: (diamond: FourCs) => loupe.ofKind(diamond),
};
