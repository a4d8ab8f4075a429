import { load, loadSamples, LoupeError } from "/loupe-diamonds/index.js";
import { loadInWorker } from "/loupe-diamonds/worker.js";
import { ask, askWorker } from "/ask.js";

const main = await ask({ load, loadSamples, LoupeError });
globalThis.outcome = { main, worker: await askWorker({ loadInWorker, LoupeError }) };
