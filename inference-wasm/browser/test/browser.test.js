/** The package in Chromium, from a plain `<script type="module">` under a strict content security policy. */

import assert from "node:assert/strict";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

import { launch, opened, serve } from "./chromium.js";
import { install } from "./install.js";
import { edges, sample, trainerPredicts } from "./stones.js";

const POLICY = "default-src 'none'; connect-src 'self'; script-src 'self' 'wasm-unsafe-eval'";

let folder;
let server;
let browser;

before(async () => {
  folder = install();
  for (const file of ["plain", "ask.js"]) {
    cpSync(fileURLToPath(new URL(`apps/${file}`, import.meta.url)), join(folder, file), { recursive: true });
  }
  [server, browser] = await Promise.all([serve(folders(), POLICY), launch()]);
});

after(async () => {
  await browser?.close();
  server?.stop();
  rmSync(folder, { recursive: true });
});

/** The folders that are served: the app, the shared files, the package. */
function folders() {
  return [join(folder, "plain"), folder, join(folder, "node_modules")];
}

describe("loupe-diamonds in Chromium", () => {
  it("equals the trainer to the bit for real and edge stones", async () => {
    const { page } = await opened(browser, server.url);
    const stones = [...sample(6), ...edges(2_000)];
    const native = trainerPredicts(join(folder, "node_modules/loupe-diamonds/champion.loupe"), stones);
    const many = await page.evaluate(async (stones) => {
      const { load } = await import("/loupe-diamonds/index.js");
      const loupe = await load();
      return stones.map((stone) => loupe.price(stone));
    }, stones);
    assert.ok(many.length > 10_000);
    assert.deepEqual(many, native.map(({ price }) => price));
    await page.close();
  });

  it("works with any content type of its files", async () => {
    const untyped = await serve(folders(), POLICY, { ".wasm": "text/plain", ".loupe": "text/html" });
    const { page } = await opened(browser, untyped.url);
    assert.ok(await page.evaluate(() => globalThis.outcome.worker.prices[0] > 0));
    await page.close();
    untyped.stop();
  });

  for (const [what, policy, expected] of [
    ["does not let wasm be compiled", POLICY.replace(" 'wasm-unsafe-eval'", ""), /CompileError.*Content Security Policy/i],
    ["does not let workers be started", `${POLICY}; worker-src 'none'`, /LoupeError: the worker failed: its script/],
  ]) {
    it(`says so where a policy ${what}`, async () => {
      const strict = await serve(folders(), policy);
      await assert.rejects(opened(browser, strict.url), expected);
      strict.stop();
    });
  }
});
