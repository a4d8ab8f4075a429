/** A model loaded in a worker. */

import { LoupeError } from "./errors.js";
import type { Bytes, FileSource } from "./file.js";
import { WorkerChannel } from "./worker-channel.js";
import { fromSendable } from "./sendable-error.js";
import type { AnyWorker } from "./thread.js";
import type { Diamond, Explanation, FourCs, ModelInfo, Prediction, Priced, Sample, Similar } from "./types.js";
import type { WasmModule } from "./wasm.js";

/** How many diamonds are sent to the worker at once: a few milliseconds of work, after which it can receive other calls. */
const CHUNK = 1_000;

/** Options of {@link loadInWorker}. */
export interface WorkerOptions {
  /** The blob of another model, as `trainer export` writes it. The default is the bundled champion. */
  modelBytes?: Bytes;
  /** Where to load the wasm from, if not from the package: a URL, an address relative to the page, bytes or a compiled module. */
  wasm?: URL | string | Bytes | WasmModule;
  /** A worker of your own that runs `loupe-diamonds/worker-entry.js`, if the package must not start one. */
  worker?: AnyWorker;
}

/** Options of {@link LoupeWorker.predictBatch}. */
export interface BatchOptions {
  /** Called after each chunk with the number of diamonds done and the total. If it throws, the batch ends. */
  onProgress?(done: number, total: number): void;
  /** Aborts the batch before its next chunk; the promise is then rejected with the signal's reason. */
  signal?: AbortSignal;
}

/** @internal Loads a model in a worker that was started. */
export async function loadIn(worker: AnyWorker, { modelBytes, wasm }: WorkerOptions): Promise<LoupeWorker> {
  const channel = new WorkerChannel(worker);
  try {
    return LoupeWorker.of(channel, await channel.call("load", modelBytes, address(wasm)));
  } catch (error) {
    channel.end(new LoupeError("the worker has no model"));
    throw error;
  }
}

/** A model loaded in a worker. {@link loadInWorker} makes one. */
export class LoupeWorker {
  /** The model's id, family and metrics. */
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
   * The price of a diamond.
   *
   * @throws {@link LoupeError} naming every field that is wrong.
   */
  async predict(diamond: Diamond): Promise<Prediction> {
    return this.#channel.call("predict", plain(diamond));
  }

  /**
   * The price of a diamond, not rounded.
   *
   * @throws {@link LoupeError} naming every field that is wrong.
   */
  async price(diamond: Diamond): Promise<number> {
    return this.#channel.call("price", plain(diamond));
  }

  /**
   * The price of each diamond, in order. A bad one gives an error in its place and does not affect the others. The diamonds
   * are sent in chunks. Between chunks the worker accepts other calls, `onProgress` is called, and `signal` can abort.
   *
   * @throws {@link LoupeError} if `diamonds` is not a list.
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
    // The worker refuses a value that is not a list, with the same message.
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
   * Explains a price by parts that add up to it to the cent.
   *
   * @throws {@link LoupeError} naming every field that is wrong, or no field if the model gives the diamond no finite price.
   */
  async explain(diamond: Diamond): Promise<Explanation> {
    return this.#channel.call("explain", plain(diamond));
  }

  /**
   * Loads the stones of the data set for `similar` and `ofKind` in this worker: those of the package, or others. Calling
   * it again without a source does nothing.
   *
   * @param source the output of `trainer data samples`: a URL, an address relative to the page, bytes or a response.
   * @returns the number of stones.
   * @throws {@link LoupeError} if the bytes are not samples.
   */
  async loadSamples(source?: FileSource): Promise<number> {
    const found = await source;
    const sendable = typeof Response !== "undefined" && found instanceof Response ? await found.arrayBuffer() : found;
    return this.#channel.call("loadSamples", address(sendable as Exclude<typeof found, Response>));
  }

  /**
   * The n stones of the data set with the same cut, color and clarity and the nearest carat, nearest first. Call
   * {@link LoupeWorker.loadSamples} first.
   *
   * @param n 1 to 100.
   * @throws {@link LoupeError} naming every field that is wrong, or no field if no samples are loaded.
   */
  async similar(diamond: FourCs, n = 5): Promise<Similar> {
    return this.#channel.call("similar", plain(diamond), n);
  }

  /**
   * All stones of the data set with the same cut, color and clarity, ordered by carat. Call {@link LoupeWorker.loadSamples} first.
   *
   * @throws {@link LoupeError} as {@link LoupeWorker.similar} does.
   */
  async ofKind(diamond: FourCs): Promise<Sample[]> {
    return this.#channel.call("ofKind", plain(diamond));
  }

  /** Terminates the worker. Pending and later calls are rejected with a {@link LoupeError}. */
  terminate(): void {
    this.#channel.end(new LoupeError("the worker was terminated; `loadInWorker` starts another"));
  }
}

function* inChunks(diamonds: readonly Diamond[]): Generator<Diamond[]> {
  for (let at = 0; at < diamonds.length; at += CHUNK) yield diamonds.slice(at, at + CHUNK).map(plain);
}

/** A copy that can be sent to a worker; proxies of reactive frameworks cannot. */
function plain<T>(diamond: T): T {
  return typeof diamond === "object" && diamond !== null && !Array.isArray(diamond) ? { ...diamond } : diamond;
}

/** Makes URLs strings, which can be sent, and resolves addresses against the page, since the worker's script is elsewhere. */
function address<T>(source: T | URL | string): T | string {
  return typeof source === "string" || source instanceof URL ? new URL(source, globalThis.location?.href).href : source;
}
