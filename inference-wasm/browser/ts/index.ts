/** What a diamond is worth, answered offline: the same model, and the same prices, as the HTTP API. */

import bind, { Model, Stock } from "./wasm/loupe.js";
import { LoupeError } from "./errors.js";
import type { Diamond, Explanation, FieldError, FourCs, ModelInfo, Prediction, Sample, Similar } from "./types.js";

export { LoupeError } from "./errors.js";
export type * from "./types.js";

/** Where the wasm can come from. */
export type WasmSource = URL | string | BufferSource | WebAssembly.Module | Response | Promise<Response>;

/** Where samples can come from. */
export type SamplesSource = URL | string | BufferSource | Response | Promise<Response>;

/** Not spelt out where it is imported, so that no bundler looks for it. */
const NODE_FILES: string = "node:fs/promises";
type NodeFiles = typeof import("node:fs/promises");

let started: Promise<void> | undefined;

let stock: Stock | undefined;
let stocked: Promise<number> | undefined;

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

/**
 * Makes the stones of the data set ready for `similar` and `ofKind`: those of the package, or, with an argument, others that
 * `trainer data samples` wrote. Calling it again without one does nothing. Resolves to how many there are.
 *
 * @throws {LoupeError} when the bytes are no samples.
 */
export function loadSamples(source?: SamplesSource): Promise<number> {
  if (source === undefined && stocked) return stocked;
  // Spelt out, so that bundlers see the file and carry it along.
  const loading = takeStock(source ?? new URL("./samples.loupe", import.meta.url)).catch((error: unknown) => {
    if (stocked === loading) stocked = undefined;
    throw error;
  });
  stocked = loading;
  return loading;
}

async function takeStock(source: SamplesSource): Promise<number> {
  await init();
  const loaded = await bytesOf(source);
  const next = refusable(() => new Stock(loaded));
  stock?.free();
  stock = next;
  return next.length;
}

/** A model at work. */
export class Loupe {
  /** What the model says of itself. */
  readonly model: ModelInfo;
  readonly #model: Model;

  /** @internal Use `load`. */
  constructor(blob: BufferSource) {
    const loaded = bytes(blob);
    this.#model = refusable(() => new Model(loaded));
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
    const { explanation } = answered(
      this.#model.explain(diamond) as { explanation: Explanation | null } | { errors: FieldError[] },
    );
    if (!explanation) throw new LoupeError(`model ${this.model.id} gives this diamond no finite price`, []);
    return explanation;
  }

  /**
   * The n stones of the data set with the same cut, color and clarity whose carat is nearest, the nearest first: what the
   * API's `/v1/similar` finds. After `loadSamples()`.
   *
   * @param n 1 to 100
   * @throws {LoupeError} naming every field that is wrong, or none where no samples are loaded.
   */
  similar(diamond: FourCs, n = 5): Similar {
    return answered(loaded().similar(diamond, n) as Similar | { errors: FieldError[] });
  }

  /**
   * All stones of the data set with the same cut, color and clarity, by carat. After `loadSamples()`.
   *
   * @throws {LoupeError} as `similar` does.
   */
  ofKind(diamond: FourCs): Sample[] {
    return answered(loaded().ofKind(diamond) as { diamonds: Sample[] } | { errors: FieldError[] }).diamonds;
  }

  #finish(answer: Answer): Prediction {
    return { ...answered(answer), model: { id: this.model.id, family: this.model.family } };
  }
}

/** What the wasm answers. */
type Answer = Omit<Prediction, "model"> | { errors: FieldError[] };

/** An answer that is one. */
function answered<T extends object>(answer: T | { errors: FieldError[] }): T {
  if ("errors" in answer) throw LoupeError.of(answer.errors);
  return answer;
}

function loaded(): Stock {
  if (!stock) throw new LoupeError("no samples are loaded; call `await loadSamples()` first", []);
  return stock;
}

/** What is made of bytes, or what the wasm says is wrong with them. */
function refusable<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new LoupeError(error instanceof Error ? error.message : String(error), []);
  }
}

async function start(source: WasmSource = new URL("./wasm/loupe_bg.wasm", import.meta.url)): Promise<void> {
  let found = await source;
  if (typeof found === "string") found = new URL(found, globalThis.location?.href);
  await bind({ module_or_path: found instanceof URL ? await read(found) : found });
}

async function bytesOf(source: SamplesSource): Promise<Uint8Array> {
  const found = await source;
  if (typeof found === "string") return read(new URL(found, globalThis.location?.href));
  if (found instanceof URL) return read(found);
  return found instanceof Response ? body(found) : bytes(found);
}

/** Reads a file of this package: over HTTP, or from the disk in Node. */
async function read(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  if (url.protocol === "file:") {
    const { readFile } = (await import(/* webpackIgnore: true */ /* @vite-ignore */ NODE_FILES)) as NodeFiles;
    return readFile(url);
  }
  return body(await fetch(url));
}

async function body(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  if (!response.ok) throw new Error(`${response.url} cannot be loaded: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}

function bytes(source: BufferSource): Uint8Array {
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  throw new TypeError("wanted an ArrayBuffer or a view of one, as `fetch` and `readFile` give it");
}
