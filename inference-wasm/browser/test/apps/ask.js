/** The calls that every app makes, on its main thread and in a worker. The answers must be the same everywhere. */

export const STONES = [
  { carat: 0.7, cut: "Ideal", color: "G", clarity: "VS1" },
  { carat: 1.51, cut: "Premium", color: "D", clarity: "IF", depth: 61, table: 58, x: 7.4, y: 7.36, z: 4.5 },
  { carat: 0.3, cut: "Fair", color: "J", clarity: "I1", table: 57 },
];
const WRONG = { carat: -1, cut: "Superb", color: "D", clarity: "IF" };

/** Calls the model in this thread. */
export async function ask({ load, loadSamples, LoupeError }) {
  const loupe = await load();
  return answers(loupe, loadSamples, LoupeError);
}

/** Calls the model in the worker. */
export async function askWorker({ loadInWorker, LoupeError }) {
  const loupe = await loadInWorker();
  const answered = await answers(loupe, () => loupe.loadSamples(), LoupeError);
  loupe.terminate();
  return answered;
}

async function answers(loupe, loadSamples, LoupeError) {
  const [first] = STONES;
  const stones = [...STONES, WRONG];
  return {
    model: loupe.model,
    predictions: await Promise.all(STONES.map((stone) => loupe.predict(stone))),
    prices: await Promise.all(STONES.map((stone) => loupe.price(stone))),
    batch: (await loupe.predictBatch(stones)).map((it) => ("error" in it ? whole(it.error, LoupeError) : it)),
    explanation: await loupe.explain(first),
    refusal: await (async () => loupe.predict(WRONG))().catch((error) => whole(error, LoupeError)),
    samples: await loadSamples(),
    similar: await loupe.similar(first, 7),
    ofKind: (await loupe.ofKind(first)).length,
  };
}

function whole(error, LoupeError) {
  return { isOurs: error instanceof LoupeError, message: error.message, errors: error.errors };
}
