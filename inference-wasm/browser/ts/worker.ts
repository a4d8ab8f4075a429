/**
 * Runs a model in a worker, so that the page stays responsive. It gives the same answers as `loupe-diamonds`, as promises.
 *
 * Importing this has no side effects; {@link loadInWorker} starts the worker, which loads wasm and model.
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
 * Starts a worker and loads a model in it. In Node it is a thread of `node:worker_threads`, which does not keep the
 * process alive while no call is pending.
 *
 * @throws {@link LoupeError} if the bytes are not a model, the worker cannot be started, or the platform has no workers.
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
  // Written in one expression, so that bundlers recognise the worker.
  return new Worker(new URL("./worker-entry.js", import.meta.url), { type: "module" });
}
