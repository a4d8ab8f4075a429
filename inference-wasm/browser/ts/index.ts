/** What a diamond is worth, answered offline: the same model, and the same prices, as the HTTP API. */

import bind, { Model } from "./wasm/loupe.js";
import { LoupeError } from "./errors.js";
import type { Diamond, Explanation, FieldError, ModelInfo, Prediction } from "./types.js";

export { LoupeError } from "./errors.js";
export type * from "./types.js";

/** Where the wasm can come from. */
export type WasmSource = URL | string | BufferSource | WebAssembly.Module | Response | Promise<Response>;

/** Not spelt out where it is imported, so that no bundler looks for it. */
const NODE_FILES: string = "node:fs/promises";
type NodeFiles = typeof import("node:fs/promises");

let started: Promise<void> | undefined;

/**
 * Starts the wasm. Calling it again does nothing, and `load` calls it by itself; call it first to say where the
 * wasm comes from. Without an argument the package finds its own.
 */
export function init(source?: WasmSource): Promise<void> {
  started ??= start(source).catch((error: unknown) => {
    started = undefined;
    throw error;
  });
  return started;
}

/**
 * Makes a model ready, the bundled champion unless given another one's bytes.
 *
 * @throws {LoupeError} when the bytes are no model.
 */
export async function load(modelBytes?: BufferSource): Promise<Loupe> {
  await init();
  // Spelt out, so that bundlers see the file and carry it along.
  return new Loupe(modelBytes ?? (await read(new URL("./champion.loupe", import.meta.url))));
}

/** A model at work. */
export class Loupe {
  /** What the model says of itself. */
  readonly model: ModelInfo;
  readonly #model: Model;

  /** @internal Use `load`. */
  constructor(blob: BufferSource) {
    const loaded = bytes(blob);
    try {
      this.#model = new Model(loaded);
    } catch (error) {
      throw new LoupeError(error instanceof Error ? error.message : String(error), []);
    }
    this.model = Object.freeze(this.#model.about() as ModelInfo);
  }

  /**
   * The value of a diamond.
   *
   * @throws {LoupeError} naming every field that is wrong.
   */
  predict(diamond: Diamond): Prediction {
    return this.#finish(this.#model.predict(diamond) as Answer);
  }

  /**
   * The bare price of a diamond in dollars, not rounded: to the bit the one that the trainer's command line prints. For
   * computing on; people want `predict`. A linear model may price below 0.
   *
   * @throws {LoupeError} naming every field that is wrong.
   */
  price(diamond: Diamond): number {
    const answer = this.#model.price(diamond) as number | { errors: FieldError[] };
    if (typeof answer === "object") throw LoupeError.of(answer.errors);
    return answer;
  }

  /** The value of each diamond, in order; a bad one leaves its error and does not disturb the others. */
  predictBatch(diamonds: readonly Diamond[]): (Prediction | { error: LoupeError })[] {
    if (!Array.isArray(diamonds)) {
      const allowed = "[{carat, cut, color, clarity, …}, …]";
      throw LoupeError.of([{ field: "diamonds", message: "must be a list", value: typeof diamonds, allowed }]);
    }
    const answers = this.#model.predictBatch(diamonds as unknown[]) as Answer[];
    return answers.map((answer) =>
      "errors" in answer ? { error: LoupeError.of(answer.errors) } : this.#finish(answer),
    );
  }

  /**
   * Why a diamond has its price: first the average stone, then what each feature of this one adds or takes away. The
   * effects add up to the price to the cent.
   *
   * @throws {LoupeError} naming every field that is wrong, or none where the model has no price for the diamond.
   */
  explain(diamond: Diamond): Explanation {
    const answer = this.#model.explain(diamond) as { explanation: Explanation | null } | { errors: FieldError[] };
    if ("errors" in answer) throw LoupeError.of(answer.errors);
    if (!answer.explanation) throw new LoupeError(`model ${this.model.id} gives this diamond no finite price`, []);
    return answer.explanation;
  }

  #finish(answer: Answer): Prediction {
    if ("errors" in answer) throw LoupeError.of(answer.errors);
    return { ...answer, model: { id: this.model.id, family: this.model.family } };
  }
}

/** What the wasm answers. */
type Answer = Omit<Prediction, "model"> | { errors: FieldError[] };

async function start(source: WasmSource = new URL("./wasm/loupe_bg.wasm", import.meta.url)): Promise<void> {
  let found = await source;
  if (typeof found === "string") found = new URL(found, globalThis.location?.href);
  await bind({ module_or_path: found instanceof URL ? await read(found) : found });
}

/** Reads a file of this package: over HTTP, or from the disk in Node. */
async function read(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  if (url.protocol === "file:") {
    const { readFile } = (await import(/* webpackIgnore: true */ /* @vite-ignore */ NODE_FILES)) as NodeFiles;
    return readFile(url);
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url.href} cannot be loaded: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}

function bytes(source: BufferSource): Uint8Array {
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  throw new TypeError("a model is an ArrayBuffer or a view of one, as `fetch` and `readFile` give it");
}
