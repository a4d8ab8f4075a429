/** The worker's end of the channel; `loadInWorker` starts it. Only this file and its counterpart for Node have side effects. */

import { answer, type Call } from "./worker-methods.js";

addEventListener("message", async ({ data }) => postMessage(await answer(data as Call)));
