/** `loupe-diamonds/worker` for Node, with a thread of `node:worker_threads`. The types are those of `worker.ts`. */

import { Worker } from "node:worker_threads";
import { loadIn, type LoupeWorker, type WorkerOptions } from "./remote.js";

export { LoupeError } from "./errors.js";
export { LoupeWorker } from "./remote.js";

/** Starts a thread and loads a model in it. */
export async function loadInWorker(options: WorkerOptions = {}): Promise<LoupeWorker> {
  return loadIn(options.worker ?? start(), options);
}

function start(): Worker {
  // Without the flags of this process: `--input-type`, for example, is refused for a file.
  return new Worker(new URL("./worker-entry.node.js", import.meta.url), { execArgv: [] });
}
