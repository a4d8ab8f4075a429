/** `loupe-diamonds/worker` for Node, with a thread of `node:worker_threads`. The types are those of `worker.ts`. */

import { existsSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { missing } from "./file.js";
import { installed } from "./node.js";
import { loadIn, type LoupeWorker, type WorkerOptions } from "./remote.js";

export { LoupeError } from "./errors.js";
export { LoupeWorker } from "./remote.js";

/** Starts a thread and loads a model in it. */
export async function loadInWorker(options: WorkerOptions = {}): Promise<LoupeWorker> {
  return loadIn(options.worker ?? start(), options);
}

function start(): Worker {
  const elsewhere = isBundled() ? installed("worker-entry.js") : undefined;
  // Without the flags of this process: `--input-type`, for example, is refused for a file.
  if (elsewhere !== undefined) return new Worker(elsewhere, { execArgv: [] });
  try {
    // Written in one expression, so that bundlers recognise the worker.
    return new Worker(new URL("./worker-entry.node.js", import.meta.url), { execArgv: [] });
  } catch {
    // A bundle in CommonJS has no `import.meta.url`.
    throw missing("worker-entry.js", undefined);
  }
}

/** Whether the worker's script is not next to this code. */
function isBundled(): boolean {
  const here: string | undefined = import.meta.url;
  return here === undefined || !existsSync(new URL("worker-entry.node.js", here));
}
