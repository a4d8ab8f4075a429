/** The package in Chromium, from a plain `<script type="module">` under a strict content security policy. */

import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

import { install } from "./install.js";
import { edges, sample, trainerPredicts } from "./stones.js";

const FLAGS =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking " +
  "--disable-component-update --disable-sync";
const TYPES = { ".js": "text/javascript", ".wasm": "application/wasm", ".loupe": "application/octet-stream" };
const POLICY = "default-src 'none'; connect-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
const STONES = [
  { carat: 0.7, cut: "Ideal", color: "G", clarity: "VS1" },
  { carat: 1.51, cut: "Premium", color: "D", clarity: "IF", depth: 61, table: 58, x: 7.4, y: 7.36, z: 4.5 },
  { carat: 0.3, cut: "Fair", color: "J", clarity: "I1", table: 57 },
];
const PAGE = `<!doctype html><meta charset="utf-8"><title>loupe</title><script type="module" src="/main.js"></script>`;
const MAIN = `
  import { load, LoupeError } from "/loupe-diamonds/index.js";
  const stones = ${JSON.stringify(STONES)};
  const loupe = await load();
  let fields;
  try { loupe.predict({}); } catch (error) { fields = error instanceof LoupeError && error.errors.map((e) => e.field); }
  globalThis.outcome = { prices: stones.map((stone) => loupe.predict(stone)),
    explanations: stones.map((stone) => loupe.explain(stone)), model: loupe.model, fields,
    price: (many) => many.map((stone) => loupe.price(stone)) };`;

let folder;
let server;
let browser;

before(async () => {
  folder = install();
  server = createServer((request, response) => {
    const served = { "/": [PAGE, "text/html"], "/main.js": [MAIN, TYPES[".js"]] }[request.url] ?? file(request.url);
    response.writeHead(served ? 200 : 404, { "content-type": served?.[1] ?? "", "content-security-policy": POLICY });
    response.end(served?.[0]);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  browser = await chromium.launch({ executablePath, args: FLAGS.split(" ") });
});

after(async () => {
  await browser?.close();
  server?.close();
  rmSync(folder, { recursive: true });
});

function file(url) {
  const type = TYPES[extname(url)];
  return type && url.startsWith("/loupe-diamonds/") && [readFileSync(join(folder, "node_modules", url)), type];
}

describe("loupe-diamonds in Chromium", () => {
  it("finds its own wasm and model, and answers as it does in Node", async () => {
    const page = await browser.newPage();
    const complaints = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => complaints.push(message.text()));
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    await page.waitForFunction(() => globalThis.outcome, undefined, { timeout: 10_000 }).catch((error) => {
      throw new Error(`${error.message}\n${complaints.join("\n")}`);
    });
    const { prices, explanations, model, fields } = await page.evaluate(() => {
      const { price, ...outcome } = globalThis.outcome;
      return outcome;
    });

    const { load } = await import(pathToFileURL(join(folder, "node_modules/loupe-diamonds/index.js")));
    const loupe = await load();
    assert.deepEqual(prices, STONES.map((stone) => loupe.predict(stone)));
    assert.deepEqual(explanations, STONES.map((stone) => loupe.explain(stone)));
    assert.deepEqual(model, loupe.model);
    assert.deepEqual(fields, ["carat", "cut", "color", "clarity"]);

    // To the bit what the trainer computes.
    const stones = [...sample(6), ...edges(2_000)];
    const native = trainerPredicts(join(folder, "node_modules/loupe-diamonds/champion.loupe"), stones);
    const many = await page.evaluate((stones) => globalThis.outcome.price(stones), stones);
    assert.ok(many.length > 10_000);
    assert.deepEqual(many, native.map(({ price }) => price));
    await page.close();
  });
});
