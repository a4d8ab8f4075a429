/** `loupe-diamonds/worker` as Node has it: with a thread of `node:worker_threads`. The types are those of `worker.ts`. */

import { Worker } from "node:worker_threads";
import { loadIn, type LoupeWorker, type WorkerOptions } from "./remote.js";

export { LoupeError } from "./errors.js";
export { LoupeWorker } from "./remote.js";

/** Starts a thread and makes a model ready in it. */
export async function loadInWorker(options: WorkerOptions = {}): Promise<LoupeWorker> {
  return loadIn(options.worker ?? start(), options);
}

function start(): Worker {
  // Not with the flags of this process: `--input-type`, for one, is refused for a file.
  return new Worker(new URL("./worker-entry.node.js", import.meta.url), { execArgv: [] });
}
