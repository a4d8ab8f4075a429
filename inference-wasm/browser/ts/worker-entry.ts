/** The worker's end of the line: `loadInWorker` starts it. With its like for Node the one file that acts when it is run. */

import { answer, type Call } from "./answers.js";

addEventListener("message", async ({ data }) => postMessage(await answer(data as Call)));
