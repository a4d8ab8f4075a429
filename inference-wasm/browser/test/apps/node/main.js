import { load, loadSamples, LoupeError } from "loupe-diamonds";
import * as worker from "loupe-diamonds/worker";
import { ask, askWorker } from "./ask.js";

const main = await ask({ load, loadSamples, LoupeError });
process.stdout.write(JSON.stringify({ main, worker: await askWorker(worker) }));
