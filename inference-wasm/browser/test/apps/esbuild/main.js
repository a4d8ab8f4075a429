import { load, loadSamples, LoupeError } from "loupe-diamonds";
import * as worker from "loupe-diamonds/worker";
import { ask, askWorker } from "./ask.js";

/** The answers, or the message of a `LoupeError`. */
async function answered(asking) {
  return asking.catch((error) => {
    if (!(error instanceof LoupeError)) throw error;
    return { refused: error.message };
  });
}

// A function, since a bundle in CommonJS cannot await at its top.
async function main() {
  const direct = await answered(ask({ load, loadSamples, LoupeError }));
  process.stdout.write(JSON.stringify({ main: direct, worker: await answered(askWorker(worker)) }));
}

main();
