import { load, loadSamples, LoupeError } from "loupe-diamonds";
import { loadInWorker } from "loupe-diamonds/worker";
import { ask, askWorker } from "../ask.js";

const main = await ask({ load, loadSamples, LoupeError });
globalThis.outcome = { main, worker: await askWorker({ loadInWorker, LoupeError }) };
