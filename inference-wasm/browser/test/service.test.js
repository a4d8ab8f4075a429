/** Compares the package with the real service: every field of the answers must be equal to the bit. */

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";

import { start } from "../../../web-demo/test/service.js";
import { install } from "./install.js";
import { edges, random, rows, sample } from "./stones.js";

/** The service's limit for a batch. */
const MOST = 1_000;

let folder;
let service;
let loupe;
let openTable;

before(async () => {
  folder = install();
  const home = pathToFileURL(join(folder, "node_modules/loupe-diamonds/index.js"));
  const { load, loadSamples, ...rest } = await import(home);
  ({ openTable } = rest);
  [service, loupe] = await Promise.all([start(), load(), loadSamples()]);
});

after(async () => {
  await service?.stop();
  rmSync(folder, { recursive: true });
});

async function ask(route, body) {
  const headers = { "content-type": "application/json" };
  const options = body === undefined ? {} : { method: "POST", headers, body: JSON.stringify(body) };
  const response = await fetch(new URL(route, service.url), options);
  assert.equal(response.status, 200, `${route}: ${response.status}`);
  return response.json();
}

/** The common fields of a batch's results; the service names the model once per batch. */
const priced = ({ price, currency, price_year, range, price_lists, warnings, error }) =>
  error ? { errors: error.errors } : { price, currency, price_year, range, price_lists, warnings };

/** Prices stones by the package and by the service, and compares. */
async function check(diamonds) {
  for (let at = 0; at < diamonds.length; at += MOST) {
    const some = diamonds.slice(at, at + MOST);
    const { predictions, model } = await ask("/v1/predict/batch", { diamonds: some });
    assert.deepEqual(model, { id: loupe.model.id, family: loupe.model.family });
    assert.deepEqual(loupe.predictBatch(some).map(priced), predictions.map(priced));
  }
}

describe("loupe-diamonds and the service", () => {
  it("prices the stones of the golden cases alike", () => {
    const cases = rows("inference-wasm/inference/tests/golden/format-1/cases.csv");
    assert.ok(cases.length >= 1_000);
    // The columns named after the blobs contain their results.
    const isOfStone = ([field]) => !field.endsWith(".loupe");
    return check(cases.map((row) => Object.fromEntries(Object.entries(row).filter(isOfStone))));
  });

  it("prices a thousand random stones alike", () => check(random(1_000)));

  it("prices a thousand stones at the edges alike", () => check(edges(1_000)));

  it("reports the same errors for bad stones", () => {
    const stone = { carat: 0.7, cut: "Ideal", color: "G", clarity: "VS1" };
    const bad = [{ carat: -1, cut: "Superb" }, { ...stone, color: "Q", x: "wide" }, { ...stone, depth: 0 }, { ...stone, clarity: 3 }, { ...stone, price_list: "a,b" }, { ...stone, price_list: "no such list" }];
    for (const { error } of loupe.predictBatch(bad)) assert.ok(error.errors.length > 0);
    return check([...bad, stone]);
  });

  it("ignores the same fields, with the same message", () => {
    const stone = { carat: 0.7, cut: "Ideal", color: "G", clarity: "VS1" };
    const long = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`field_${at}`, at]));
    return check([{ ...stone, price: 1, Cut: "Fair", color_code: "é" }, { ...stone, ...long }]);
  });

  it("reads a table alike: prices, errors and ignored columns", async () => {
    const text =
      "\uFEFFCarat;cut;color;clarity;X;depht;note\n0,7;Ideal;G;VS1;5,7;61;\"one\ntwo\"\n0x46;Superb;G;VS1;0;;\n" +
      "0,7;Ideal\n\n;;;;;;\n1.01;\"Ideal;G;VS1;;;\n1,01;Ideal;G;VS1;0;;\n";
    const headers = { "content-type": "text/csv" };
    const response = await fetch(new URL("/v1/predict/batch", service.url), { method: "POST", headers, body: text });
    const { predictions, warnings } = await response.json();
    const table = await openTable(new Blob([text]));
    const rows = table.next(100);
    const ours = rows.map((row) => ("diamond" in row ? priced(loupe.predict(row.diamond)) : { errors: row.errors }));
    assert.deepEqual(ours, predictions.map(priced));
    assert.ok(ours.filter((it) => "errors" in it).length === 4 && ours.length === 6);
    assert.deepEqual([table.ignoredSentence], warnings.map(({ message }) => message));
  });

  it("answers and explains single stones alike, every field", async () => {
    for (const stone of [...random(60), ...sample(997)]) {
      const { explanation, request_id, ...prediction } = await ask("/v1/predict?explain=true", stone);
      assert.deepEqual(loupe.predict(stone), prediction);
      assert.deepEqual(loupe.explain(stone), explanation);
    }
  });

  it("describes the model alike", async () => {
    const { serving } = await ask("/v1/models");
    const { prices_in, price_lists } = loupe.model;
    assert.deepEqual([serving.prices_in, serving.price_lists], [prices_in, price_lists]);
  });

  it("finds the same similar stones", async () => {
    // Weights in the middle between two of the data set, and with more digits than any of it.
    const further = [0, 0.005, 0.0049999, 1e-9, 1e-12];
    let twins = 0;
    for (const [at, { carat: weight, cut, color, clarity }] of random(150).entries()) {
      const n = 1 + ((at * 7) % 100);
      const carat = weight + further[at % further.length];
      const query = new URLSearchParams({ carat, cut, color, clarity, n });
      const { request_id, ...similar } = await ask(`/v1/similar?${query}`);
      assert.deepEqual(loupe.similar({ carat, cut, color, clarity }, n), similar);
      twins += similar.diamonds.filter((stone) => stone.also_listed).length;
    }
    assert.ok(twins > 100, `${twins} stones with other listings`);
  });
});
