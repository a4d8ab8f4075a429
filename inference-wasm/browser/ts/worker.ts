/**
 * A model at work in a worker, so that the page stays free: the same answers as `loupe-diamonds` gives, each as a promise.
 *
 * Importing this does nothing; {@link loadInWorker} starts the worker. Wasm and model are loaded there and not by the page.
 *
 * @example
 * ```js
 * import { loadInWorker } from "loupe-diamonds/worker";
 *
 * const loupe = await loadInWorker();
 * const { price } = await loupe.predict({ carat: 0.7, cut: "Ideal", color: "G", clarity: "VS1" });
 * loupe.terminate();
 * ```
 *
 * @packageDocumentation
 */

import { LoupeError } from "./errors.js";
import { loadIn, type LoupeWorker, type WorkerOptions } from "./remote.js";

export { LoupeError, type FieldError } from "./errors.js";
export type { Bytes, FileSource } from "./file.js";
export { LoupeWorker, type BatchOptions, type WorkerOptions } from "./remote.js";
export type { AnyWorker } from "./thread.js";
export type * from "./types.js";
export type { WasmModule } from "./wasm.js";

/**
 * Starts a worker and makes a model ready in it. In Node it is a thread of `node:worker_threads`, which does not keep the
 * process alive while nothing is asked.
 *
 * @throws {@link LoupeError} when the bytes are no model, the worker cannot be started, or there are no workers here.
 *
 * @example
 * ```js
 * const loupe = await loadInWorker();
 * ```
 */
export async function loadInWorker(options: WorkerOptions = {}): Promise<LoupeWorker> {
  return loadIn(options.worker ?? start(), options);
}

function start(): Worker {
  if (typeof Worker !== "function") {
    throw new LoupeError("there are no workers here; use `load` of loupe-diamonds, which needs none");
  }
  // Spelt so that bundlers see it: the call, its URL and its options in one.
  return new Worker(new URL("./worker-entry.js", import.meta.url), { type: "module" });
}
