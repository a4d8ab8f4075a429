/** The worker's end of the channel: `loadInWorker` starts it. With its like for Node the one file that acts when it is run. */

import { answer, type Call } from "./worker-methods.js";

addEventListener("message", async ({ data }) => postMessage(await answer(data as Call)));
