/** Tests `loupe-diamonds/worker` with a thread of Node: answers, failures, termination. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";

import { install } from "./install.js";
import { edges, sample } from "./stones.js";

const STONE = { carat: 0.7, cut: "Ideal", color: "G", clarity: "VS1" };
const WRONG = { carat: -1, cut: "Superb", color: "G", clarity: "VS1" };

let folder;
let home;
let plain;
let worker;
let loupe;
let remote;

before(async () => {
  folder = install();
  home = join(folder, "node_modules/loupe-diamonds");
  const resolver = join(folder, "resolve.js");
  writeFileSync(resolver, `export * as plain from "loupe-diamonds"; export * as worker from "loupe-diamonds/worker";`);
  ({ plain, worker } = await import(pathToFileURL(resolver)));
  [loupe, remote] = await Promise.all([plain.load(), worker.loadInWorker()]);
});

after(() => {
  remote?.terminate();
  rmSync(folder, { recursive: true });
});

/** An answer in a form that can be compared: an error as its class, its message and its fields. */
async function outcome(ask) {
  try {
    const answer = await ask();
    return Array.isArray(answer) ? answer.map((it) => (it.error ? told(it.error) : it)) : answer;
  } catch (error) {
    return told(error);
  }
}

function told(error) {
  return { isOurs: error instanceof plain.LoupeError, message: error.message, errors: error.errors };
}

/** Calls the worker and the model in this thread, and compares their answers. */
async function check(method, ...parameters) {
  const expected = await outcome(() => loupe[method](...parameters));
  assert.deepEqual(await outcome(() => remote[method](...parameters)), expected, `${method} ${JSON.stringify(parameters)}`);
  return expected;
}

/** The `LoupeError` that a promise must be rejected with. */
async function refusal(promise) {
  const error = await promise.then(() => assert.fail("nothing was refused"), (error) => error);
  assert.ok(error instanceof worker.LoupeError, String(error));
  return error;
}

describe("loupe-diamonds/worker", () => {
  it("gives the same answers and errors as the model", async () => {
    assert.equal(worker.LoupeError, plain.LoupeError);
    assert.deepEqual(remote.model, loupe.model);
    for (const stone of [...sample(9_973), ...edges(20), WRONG, {}, null, undefined, 7, "Ideal", [], [STONE]]) {
      for (const method of ["predict", "price", "explain"]) await check(method, stone);
    }
    await check("predictBatch", [...sample(61), WRONG, ...edges(500), null]);
    for (const strange of [[], STONE, "stones", undefined]) await check("predictBatch", strange);
  });

  it("finds similar stones once its own samples are loaded", async () => {
    assert.match((await refusal(remote.similar(STONE))).message, /loadSamples/);
    assert.deepEqual(await Promise.all([plain.loadSamples(), remote.loadSamples()]), [53_940, 53_940]);
    for (const parameters of [[STONE], [STONE, 100], [STONE, 0], [WRONG, 5], [null, 5], [STONE, "5"]]) {
      await check("similar", ...parameters);
    }
    for (const stone of [STONE, WRONG, null]) await check("ofKind", stone);
    const packed = readFileSync(join(home, "samples.loupe"));
    for (const source of [packed, pathToFileURL(join(home, "samples.loupe")), new Response(packed), fetched(packed)]) {
      assert.equal(await remote.loadSamples(source), 53_940);
    }
    assert.deepEqual((await refusal(remote.loadSamples(packed.subarray(0, 999)))).errors, []);
    await check("similar", STONE);
  });

  it("reports progress of a batch, and accepts calls meanwhile", async () => {
    const stones = edges(2_500);
    const heard = [];
    const batch = remote.predictBatch(stones, { onProgress: (...progress) => heard.push(progress) });
    await remote.predict(STONE);
    assert.ok(heard.length < 3, "a call waited for a whole batch");
    assert.deepEqual((await batch).length, 2_500);
    assert.deepEqual(heard, [[1_000, 2_500], [2_000, 2_500], [2_500, 2_500]]);
  });

  it("aborts a batch by its signal and runs the next", async () => {
    const stop = new AbortController();
    const reason = new Error("the user has left");
    const heard = [];
    const onProgress = (done) => heard.push(done) && stop.abort(reason);
    await assert.rejects(remote.predictBatch(edges(5_000), { onProgress, signal: stop.signal }), reason);
    assert.deepEqual(heard, [1_000]);
    await assert.rejects(remote.predictBatch([STONE], { signal: stop.signal }), reason);
    const thrown = new Error("from the listener");
    await assert.rejects(remote.predictBatch([STONE], { onProgress() { throw thrown; } }), thrown);
    await check("predict", STONE);
  });

  it("accepts reactive proxies and says what cannot be sent", async () => {
    const reactive = new Proxy(STONE, {});
    await check("predict", reactive);
    await check("predictBatch", new Proxy([reactive], {}));
    for (const strange of [() => STONE, Symbol("s"), { ...STONE, x: () => 5 }]) {
      assert.match((await refusal(remote.predict(strange))).message, /cannot be sent to a worker/);
    }
    const thrown = new Error("from a getter");
    await assert.rejects(remote.predict({ ...STONE, get x() { throw thrown; } }), thrown);
    await check("predict", STONE);
  });

  it("loads another model, and explains a bad one", async () => {
    const blob = readFileSync(join(home, "champion.loupe"));
    const again = await worker.loadInWorker({ modelBytes: blob, wasm: readFileSync(join(home, "wasm/loupe_bg.wasm")) });
    assert.deepEqual(await again.predict(STONE), loupe.predict(STONE));
    again.terminate();
    assert.ok(blob.length > 0, "the caller's bytes are gone");
    await refusal(worker.loadInWorker({ modelBytes: blob.subarray(0, 100) }));
    await assert.rejects(worker.loadInWorker({ modelBytes: "champion.loupe" }), TypeError);
    await assert.rejects(worker.loadInWorker({ wasm: new Uint8Array(8) }), /magic word/);
  });

  it("rejects calls to a terminated worker", async () => {
    const short = await worker.loadInWorker();
    const asked = refusal(short.predictBatch(edges(3_000)));
    short.terminate();
    short.terminate();
    for (const promise of [asked, refusal(short.predict(STONE))]) assert.match((await promise).message, /terminated/);
  });

  it("uses the caller's own worker and reports when it fails", async () => {
    const entry = new URL("worker-entry.node.js", pathToFileURL(`${home}/`));
    const own = await worker.loadInWorker({ worker: new Worker(entry) });
    assert.deepEqual(await own.predict(STONE), loupe.predict(STONE));
    own.terminate();
    for (const [script, why] of [
      [`throw new Error("at once")`, /failed: at once/],
      [`process.exit(3)`, /ended with status 3/],
    ]) {
      assert.match((await refusal(worker.loadInWorker({ worker: new Worker(script, { eval: true }) }))).message, why);
    }
  });

  it("does not keep an idle process alive", () => {
    const script = `
      import { loadInWorker } from "loupe-diamonds/worker";
      const loupe = await loadInWorker();
      console.log((await loupe.predict(${JSON.stringify(STONE)})).price);`;
    const options = { cwd: folder, stdio: ["ignore", "pipe", "inherit"], timeout: 20_000 };
    const output = execFileSync("node", ["--input-type=module", "--eval", script], options);
    assert.equal(Number(output), loupe.predict(STONE).price);
  });
});

async function fetched(bytes) {
  return new Response(bytes);
}
