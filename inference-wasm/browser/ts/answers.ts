/** What the worker answers: the methods of a `Loupe`, and what makes one ready. */

import { LoupeError } from "./errors.js";
import { load, type Loupe } from "./loupe.js";
import { refusal, type Refusal } from "./refusal.js";
import { loadSamples } from "./stock.js";
import type { Bytes } from "./file.js";
import type { Diamond, FourCs, ModelInfo, Prediction } from "./types.js";
import { init, type WasmSource } from "./wasm.js";

/** Asks for a method's answer. */
export interface Call {
  id: number;
  method: keyof Answers;
  parameters: unknown[];
}

/** The answer to the call of that id, or why there is none. */
export type Reply = { id: number } & ({ result: unknown } | { refused: Refusal } | { thrown: unknown });

/** The methods by their names. */
export type Answers = typeof answers;

/** Answers a call, whatever comes of it. */
export async function answer({ id, method, parameters }: Call): Promise<Reply> {
  try {
    const called = answers[method] as (...parameters: unknown[]) => unknown;
    return { id, result: await called(...parameters) };
  } catch (error) {
    return error instanceof LoupeError ? { id, refused: refusal(error) } : { id, thrown: error };
  }
}

let loupe: Loupe;

const answers = {
  /** Comes first. */
  async load(modelBytes?: Bytes, wasm?: WasmSource): Promise<ModelInfo> {
    await init(wasm);
    loupe = await load(modelBytes);
    return loupe.model;
  },
  predict: (diamond: Diamond) => loupe.predict(diamond),
  price: (diamond: Diamond) => loupe.price(diamond),
  predictBatch: (diamonds: readonly Diamond[]): (Prediction | { refused: Refusal })[] =>
    loupe.predictBatch(diamonds).map((it) => ("error" in it ? { refused: refusal(it.error) } : it)),
  explain: (diamond: Diamond) => loupe.explain(diamond),
  loadSamples: (source?: string | Bytes) => loadSamples(source),
  similar: (diamond: FourCs, n: number) => loupe.similar(diamond, n),
  ofKind: (diamond: FourCs) => loupe.ofKind(diamond),
};
