/** A model at work in a worker. */

import { LoupeError } from "./errors.js";
import type { Bytes, FileSource } from "./file.js";
import { WorkerChannel } from "./worker-channel.js";
import { fromSendable } from "./sendable-error.js";
import type { AnyWorker } from "./thread.js";
import type { Diamond, Explanation, FourCs, ModelInfo, Prediction, Priced, Sample, Similar } from "./types.js";
import type { WasmModule } from "./wasm.js";

/** So many diamonds go to the worker at once: a few milliseconds' work, after which it hears of other calls. */
const CHUNK = 1_000;

/** What {@link loadInWorker} may be told. */
export interface WorkerOptions {
  /** The blob of another model, as `trainer export` writes it; without it the bundled champion. */
  modelBytes?: Bytes;
  /** Where the wasm comes from, if not from the package: a URL, an address relative to the page, bytes or a compiled module. */
  wasm?: URL | string | Bytes | WasmModule;
  /** A worker of your own that runs `loupe-diamonds/worker-entry.js`, where the package must not start one. */
  worker?: AnyWorker;
}

/** What {@link LoupeWorker.predictBatch} may be told. */
export interface BatchOptions {
  /** Hears after each chunk how many of how many diamonds are done. What it throws ends the batch. */
  onProgress?(done: number, total: number): void;
  /** Ends the batch before its next chunk; the promise is then rejected with the signal's reason. */
  signal?: AbortSignal;
}

/** @internal Makes a model ready in a worker that has been started. */
export async function loadIn(worker: AnyWorker, { modelBytes, wasm }: WorkerOptions): Promise<LoupeWorker> {
  const channel = new WorkerChannel(worker);
  try {
    return LoupeWorker.of(channel, await channel.call("load", modelBytes, address(wasm)));
  } catch (error) {
    channel.end(new LoupeError("the worker has no model"));
    throw error;
  }
}

/** A model at work in a worker. {@link loadInWorker} makes one. */
export class LoupeWorker {
  /** What the model says of itself. */
  readonly model: ModelInfo;
  readonly #channel: WorkerChannel;

  private constructor(channel: WorkerChannel, model: ModelInfo) {
    this.#channel = channel;
    this.model = Object.freeze(model);
  }

  /** @internal Use `loadInWorker`. */
  static of(channel: WorkerChannel, model: ModelInfo): LoupeWorker {
    return new LoupeWorker(channel, model);
  }

  /**
   * The value of a diamond.
   *
   * @throws {@link LoupeError} naming every field that is wrong.
   */
  async predict(diamond: Diamond): Promise<Prediction> {
    return this.#channel.call("predict", plain(diamond));
  }

  /**
   * The bare price of a diamond in dollars, not rounded.
   *
   * @throws {@link LoupeError} naming every field that is wrong.
   */
  async price(diamond: Diamond): Promise<number> {
    return this.#channel.call("price", plain(diamond));
  }

  /**
   * The value of each diamond, in order; a bad one leaves its error and does not disturb the others. The diamonds go to the
   * worker in chunks, between which it hears of other calls, progress is told and the batch can be ended.
   *
   * @throws {@link LoupeError} when `diamonds` is no list.
   *
   * @example
   * ```js
   * const stop = new AbortController();
   * const answers = await loupe.predictBatch(diamonds, {
   *   onProgress: (done, total) => (bar.value = done / total),
   *   signal: stop.signal,
   * });
   * ```
   */
  async predictBatch(diamonds: readonly Diamond[], { onProgress, signal }: BatchOptions = {}): Promise<Priced[]> {
    signal?.throwIfAborted();
    // What is no list is refused there, in the same words.
    const chunks = Array.isArray(diamonds) ? inChunks(diamonds) : [diamonds];
    const answers: Priced[] = [];
    for (const chunk of chunks) {
      const priced = await this.#channel.call("predictBatch", chunk);
      for (const it of priced) answers.push("refused" in it ? { error: fromSendable(it.refused) } : it);
      signal?.throwIfAborted();
      onProgress?.(answers.length, diamonds.length);
    }
    return answers;
  }

  /**
   * Why a diamond has its price, in parts that add up to it to the cent.
   *
   * @throws {@link LoupeError} naming every field that is wrong, or none where the model has no price for the diamond.
   */
  async explain(diamond: Diamond): Promise<Explanation> {
    return this.#channel.call("explain", plain(diamond));
  }

  /**
   * Makes the stones of the data set ready for `similar` and `ofKind` in this worker: those of the package, or others. Calling
   * it again without a source does nothing.
   *
   * @param source what `trainer data samples` wrote: a URL, an address relative to the page, bytes or a response.
   * @returns how many stones there are.
   * @throws {@link LoupeError} when the bytes are no samples.
   */
  async loadSamples(source?: FileSource): Promise<number> {
    const found = await source;
    const sendable = typeof Response !== "undefined" && found instanceof Response ? await found.arrayBuffer() : found;
    return this.#channel.call("loadSamples", address(sendable as Exclude<typeof found, Response>));
  }

  /**
   * The n stones of the data set with the same cut, color and clarity whose carat is nearest, the nearest first. After
   * {@link LoupeWorker.loadSamples}.
   *
   * @param n 1 to 100.
   * @throws {@link LoupeError} naming every field that is wrong, or none where no samples are loaded.
   */
  async similar(diamond: FourCs, n = 5): Promise<Similar> {
    return this.#channel.call("similar", plain(diamond), n);
  }

  /**
   * All stones of the data set with the same cut, color and clarity, by carat. After {@link LoupeWorker.loadSamples}.
   *
   * @throws {@link LoupeError} as {@link LoupeWorker.similar} does.
   */
  async ofKind(diamond: FourCs): Promise<Sample[]> {
    return this.#channel.call("ofKind", plain(diamond));
  }

  /** Ends the worker. What is still asked, and whatever is asked later, is rejected with a {@link LoupeError}. */
  terminate(): void {
    this.#channel.end(new LoupeError("the worker was terminated; `loadInWorker` starts another"));
  }
}

function* inChunks(diamonds: readonly Diamond[]): Generator<Diamond[]> {
  for (let at = 0; at < diamonds.length; at += CHUNK) yield diamonds.slice(at, at + CHUNK).map(plain);
}

/** A copy that can be sent: the proxies of reactive frameworks cannot. */
function plain<T>(diamond: T): T {
  return typeof diamond === "object" && diamond !== null && !Array.isArray(diamond) ? { ...diamond } : diamond;
}

/** URLs as texts, which can be sent, and addresses seen from the page: the worker's script lies elsewhere. */
function address<T>(source: T | URL | string): T | string {
  return typeof source === "string" || source instanceof URL ? new URL(source, globalThis.location?.href).href : source;
}
