/** The worker's end of the channel in Node; `loadInWorker` starts it. */

import { parentPort } from "node:worker_threads";
import { answer, type Call } from "./worker-methods.js";

parentPort?.on("message", async (call) => parentPort?.postMessage(await answer(call as Call)));
