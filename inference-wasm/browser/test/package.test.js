/** Tests the package as users install it: from the tarball, imported by its name. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";

import { install, root } from "./install.js";
import { edges, random, rows, sample, trainerPredicts, turned } from "./stones.js";

const STONE = { carat: 0.7, cut: "Ideal", color: "G", clarity: "VS1" };
const MEASURED = { ...STONE, depth: 61.5, table: 55, x: 5.7, y: 5.72, z: 3.51 };

let folder;
let home;
let loupe;
let LoupeError;
let load;
let init;
let loadSamples;

before(async () => {
  folder = install();
  home = join(folder, "node_modules/loupe-diamonds");
  const resolver = join(folder, "resolve.js");
  writeFileSync(resolver, `export * from "loupe-diamonds";`);
  ({ LoupeError, load, init, loadSamples } = await import(pathToFileURL(resolver)));
  loupe = await load();
});

after(() => rmSync(folder, { recursive: true }));

/** Calls a function that must throw a `LoupeError`, and returns the error. */
function refusal(action) {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof LoupeError, String(error));
    return error;
  }
  assert.fail("nothing was refused");
}

describe("loupe-diamonds in Node", () => {
  it("gives the price, the range and the model", () => {
    const { price, currency, price_year, range, warnings, model } = loupe.predict(MEASURED);
    assert.ok(price > 1000 && price < 10000, `${price} is no price of such a stone`);
    const { prices_in } = loupe.model;
    assert.equal(price_year === undefined ? currency : `${currency} ${price_year}`, prices_in ?? "USD");
    if (range) assert.ok(range.low <= price && price <= range.high && range.confidence < 1);
    assert.deepEqual(warnings, []);
    assert.deepEqual(model, { id: loupe.model.id, family: loupe.model.family });
  });

  it("warns of missing measures and unknown fields", () => {
    const { warnings } = loupe.predict({ ...STONE, colour: "G" });
    assert.equal(warnings.length, 2);
    assert.match(warnings[0].message, /depth, table, x, y, z/);
    assert.deepEqual(warnings[0].fields, ["depth", "table", "x", "y", "z"]);
    assert.equal(warnings[1].message, "not fields of a diamond, and ignored: colour");
    assert.deepEqual(warnings[1].fields, ["colour"]);
    for (const { code } of warnings) assert.match(code, /^[a-z_]+$/);
  });

  it("equals the trainer to the bit for real and edge stones", () => {
    const stones = [...sample(6), ...edges(2_000)];
    assert.ok(stones.length > 10_000);
    const native = trainerPredicts(join(home, "champion.loupe"), stones);
    assert.deepEqual(stones.map((stone) => loupe.price(stone)), native.map(({ price }) => price));
    const cents = (usd) => Math.round(usd * 100) / 100;
    const ours = loupe.predictBatch(stones).map(({ price, range }) => ({ price, low: range?.low, high: range?.high }));
    assert.deepEqual(ours, native.map(({ price, low, high }) => ({ price: cents(price), low: cents(low), high: cents(high) })));
    assert.equal(refusal(() => loupe.price({ ...STONE, color: "Q" })).errors[0].field, "color");
    refusal(() => loupe.price(null));
  });

  it("reads a number from a Float32Array as the decimal that was put there", () => {
    const stones = sample(997);
    const widened = (stone) =>
      Object.fromEntries(Object.entries(stone).map(([name, value]) => [name, typeof value === "number" ? Math.fround(value) : value]));
    const priced = trainerPredicts(join(home, "champion.loupe"), stones.map(widened));
    assert.deepEqual(stones.map((stone) => loupe.price(widened(stone))), stones.map((stone) => loupe.price(stone)));
    assert.deepEqual(priced.map(({ price }) => price), stones.map((stone) => loupe.price(stone)));
  });

  it("prices every golden blob to the bit", async () => {
    const golden = "inference-wasm/inference/tests/golden/format-1";
    const cases = rows(join(golden, "cases.csv"));
    assert.ok(cases.length >= 1_000);
    const names = readdirSync(join(root, golden)).filter((name) => name.endsWith(".loupe"));
    assert.ok(names.length >= 4);
    for (const name of names) {
      const blob = await load(readFileSync(join(root, golden, name)));
      for (const { ...stone } of cases) {
        const expected = stone[name];
        for (const field of Object.keys(stone)) if (field.endsWith(".loupe")) delete stone[field];
        // A list that no model knows is refused here; the core prices without it.
        if (stone.price_list === "c") delete stone.price_list;
        assert.equal(bits(blob.price(stone)), expected, `${name}: ${JSON.stringify(stone)}`);
      }
    }
  });

  it("explains a price by parts that add up to the cent", () => {
    const measures = ["depth", "table", "average_diameter", "diameter_ratio", "face_weight"];
    const features = ["average", "carat", "cut", "color", "clarity"];
    const featuresOf = (stone) => loupe.explain(stone).map(({ feature }) => feature);
    const inCents = (usd) => Math.round(usd * 100);
    for (const stone of [...sample(136), ...random(60)]) {
      const parts = loupe.explain(stone);
      assert.deepEqual(parts.slice(0, 5).map(({ feature }) => feature), features);
      const sum = parts.reduce((cents, { effect }) => cents + inCents(effect), 0);
      assert.equal(sum, inCents(loupe.predict(stone).price), JSON.stringify(stone));
      for (const { effect } of parts) assert.equal(effect, inCents(effect) / 100);
    }
    const [average, weight, , , clarity, typical] = loupe.explain(STONE);
    assert.deepEqual([average.label, average.value], ["Average stone", null]);
    assert.deepEqual([weight.label, weight.value], ["Weight", 0.7]);
    assert.deepEqual([clarity.label, clarity.value], ["Clarity", "VS1"]);
    assert.deepEqual([typical.feature, typical.value], ["typical_measures", null]);
    assert.equal(typical.label, "Typical measures for these four Cs");
    assert.deepEqual(featuresOf(STONE), [...features, "typical_measures"]);
    assert.deepEqual(featuresOf(MEASURED), [...features, ...measures]);
    assert.deepEqual(featuresOf({ ...STONE, table: 55 }), [...features, "table", "typical_measures"]);
    assert.equal(refusal(() => loupe.explain({ ...STONE, color: "Q" })).errors[0].field, "color");
    refusal(() => loupe.explain(null));
  });

  it("gives the price by every list that it knows, or by the one that is asked for", () => {
    const { price_lists: names } = loupe.model;
    assert.ok(names.length > 1, "the champion knows the lists of the public data");
    const { range, price_lists } = loupe.predict(MEASURED);
    assert.deepEqual(price_lists.map(({ name }) => name), names);
    for (const { name, price, range: own } of price_lists) {
      assert.ok(range.low <= price && price <= range.high);
      const asked = loupe.predict({ ...MEASURED, price_list: name.toLowerCase() });
      assert.deepEqual([asked.price, asked.range, asked.price_lists], [price, own, undefined]);
      const part = loupe.explain({ ...MEASURED, price_list: name }).at(-1);
      assert.deepEqual([part.feature, part.value], ["price_list", name]);
    }
    for (const price_list of ["no such list", "", 7]) {
      const [{ field }] = refusal(() => loupe.predict({ ...STONE, price_list })).errors;
      assert.equal(field, "price_list");
    }
    const { allowed } = refusal(() => loupe.predict({ ...STONE, price_list: "no such list" })).errors[0];
    assert.equal(allowed, names.join(", "));
    const stones = [{ ...STONE, price_list: "no such list" }, { ...STONE, price_list: names[0] }, { ...STONE, price_list: null }];
    const [unknown, known, none] = loupe.predictBatch(stones);
    assert.equal(unknown.error.errors[0].field, "price_list");
    assert.deepEqual([known.price_lists, none], [undefined, loupe.predict(STONE)]);
  });

  it("ignores a price list where the model knows none, and says so", async () => {
    const linear = await load(readFileSync(join(root, "inference-wasm/inference/tests/golden/format-1/linear.loupe")));
    assert.deepEqual(linear.model.price_lists, []);
    const { warnings, price_lists } = linear.predict({ ...MEASURED, price_list: "A" });
    assert.ok(warnings.some(({ code, fields }) => code === "price_list_ignored" && fields[0] === "price_list"));
    assert.equal(price_lists, undefined);
  });

  it("names every bad field at once", () => {
    const error = refusal(() => loupe.predict({ carat: "big", cut: "Superb", clarity: 3, x: true, y: {}, z: -1 }));
    assert.deepEqual(
      error.errors.map(({ field, value }) => [field, value]),
      [["carat", "big"], ["cut", "Superb"], ["color", ""], ["clarity", "3"], ["x", "true"], ["y", "{}"], ["z", "-1"]],
    );
    assert.match(error.message, /^carat: must be a number, not "big"; allowed: /);
    assert.equal(error.errors[1].allowed, "Fair, Good, Very Good, Premium, Ideal");
  });

  it("refuses values that are not diamonds, and still works", () => {
    const cycle = {};
    cycle.carat = cycle;
    for (const strange of [undefined, null, 7, "Ideal", [], [STONE], () => STONE, Symbol("s"), 1n, cycle, new Date()]) {
      refusal(() => loupe.predict(strange));
    }
    for (const carat of [NaN, Infinity, -Infinity, 1n, Symbol("s"), [], {}, "0.7", () => 1]) {
      assert.equal(refusal(() => loupe.predict({ ...STONE, carat })).errors[0].field, "carat");
    }
    const thrown = new Error("from a getter");
    assert.throws(() => loupe.predict({ ...STONE, get x() { throw thrown; } }), thrown);
    assert.ok(loupe.predict(STONE).price > 0);
  });

  it("returns the error of a batch at its position", () => {
    const [good, bad, again] = loupe.predictBatch([STONE, { ...STONE, color: "Z" }, STONE]);
    assert.deepEqual(good, loupe.predict(STONE));
    assert.deepEqual(again, good);
    assert.ok(bad.error instanceof LoupeError);
    assert.equal(bad.error.errors[0].field, "color");
    assert.deepEqual(loupe.predictBatch([]), []);
    assert.equal(refusal(() => loupe.predictBatch(STONE)).errors[0].field, "diamonds");
  });

  it("loads another model, and explains a bad one", async () => {
    const blob = readFileSync(join(home, "champion.loupe"));
    const again = await load(blob);
    assert.deepEqual(again.model, loupe.model);
    assert.deepEqual((await load(new Uint8Array(blob).buffer)).predict(STONE), loupe.predict(STONE));
    assert.equal(loupe.model.bytes, blob.length);
    assert.ok(loupe.model.nodes > 0);
    for (const broken of [new Uint8Array(), blob.subarray(0, 100), Buffer.from("no model at all")]) {
      await assert.rejects(load(broken), LoupeError);
    }
    const changed = Uint8Array.from(blob);
    changed[changed.length >> 1] ^= 1;
    await assert.rejects(load(changed), /damaged/);
    await assert.rejects(load("champion.loupe"), TypeError);
  });

  it("finds similar stones once the samples are loaded", async () => {
    assert.match(refusal(() => loupe.similar(STONE)).message, /loadSamples/);
    assert.equal(await loadSamples(), 53_940);
    assert.equal(loadSamples(), loadSamples());
    const table = rows("data/diamonds.csv").map((stone, at) => ({ id: at + 1, ...stone, ...listed(stone) }));
    const listings = new Map();
    for (const stone of table) listings.set(identity(stone), [...(listings.get(identity(stone)) ?? []), stone]);
    const alsoListed = (stone) => {
      const others = listings.get(identity(stone)).filter(({ id }) => id !== stone.id);
      const also_listed = others.map(({ id, price_list = null, cut, price }) => ({ id, price_list, cut, price }));
      return also_listed.length > 0 ? { ...stone, also_listed } : stone;
    };
    const thousandths = (carat) => Math.round(1_000 * carat);
    for (const [at, { carat, ...grades }] of table.entries()) {
      if (at % 331 !== 0) continue;
      const n = 1 + (at % 100);
      // Half of them lie in the middle between two weights, where stones on both sides are equally far.
      const asked = { ...grades, carat: at % 2 ? carat : Number((carat + 0.005).toFixed(3)) };
      const off = ({ carat }) => Math.abs(thousandths(carat) - thousandths(asked.carat));
      const expected = table
        .filter(({ cut, color, clarity }) => cut === asked.cut && color === asked.color && clarity === asked.clarity)
        .sort((one, other) => off(one) - off(other) || one.id - other.id)
        .slice(0, n)
        .map(alsoListed);
      const { requested, found, diamonds } = loupe.similar(asked, n);
      assert.deepEqual([requested, found], [n, expected.length]);
      assert.deepEqual(diamonds.map(({ carat_difference, ...stone }) => stone), expected);
      for (const { carat, carat_difference } of diamonds) {
        assert.equal(carat_difference, (thousandths(carat) - thousandths(asked.carat)) / 1_000);
      }
    }
    const ofKind = loupe.ofKind(STONE);
    assert.ok(ofKind.length > 100 && ofKind.every(({ cut }) => cut === "Ideal"));
    assert.equal(loupe.similar(STONE).found, 5);
    const wrong = refusal(() => loupe.similar({ ...STONE, color: "Q", x: "wide" }, 0)).errors;
    assert.deepEqual(wrong.map(({ field, value }) => [field, value]), [["color", "Q"], ["n", "0"]]);
    const packed = readFileSync(join(home, "samples.loupe"));
    assert.equal(await loadSamples(packed), 53_940);
    await assert.rejects(loadSamples(packed.subarray(0, 999)), LoupeError);
    assert.equal(loupe.similar(STONE).found, 5);
  });

  it("answers alike when a stone is turned", async () => {
    await loadSamples();
    const answer = (stone) => [loupe.predict(stone), loupe.price(stone), loupe.explain(stone), loupe.similar(stone)];
    const stones = [...random(1_000), ...sample(97)].filter(({ x, y }) => x !== undefined && y !== undefined);
    assert.ok(stones.length > 500);
    for (const stone of stones) assert.deepEqual(answer(turned(stone)), answer(stone), JSON.stringify(stone));
    // Only the warning says which diameter was not stated.
    const one = { ...STONE, x: 5.7 };
    const { warnings, ...price } = loupe.predict(one);
    const { warnings: others, ...ofTurned } = loupe.predict(turned(one));
    assert.deepEqual([ofTurned, others.length], [price, warnings.length]);
  });

  it("starts once, however often it is called", async () => {
    assert.equal(init(), init());
    await init("http://127.0.0.1:1/never-asked.wasm");
    assert.ok((await load()).predict(STONE).price > 0);
  });

  it("touches no global when it is imported", () => {
    const script = `
      const touched = [];
      for (const name of ["window", "document", "self", "location", "navigator", "Worker", "WebAssembly", "fetch", "Response", "process"]) {
        Object.defineProperty(globalThis, name, { get: () => void touched.push(name), configurable: true });
      }
      const { load } = await import("loupe-diamonds");
      const { loadInWorker } = await import("loupe-diamonds/worker");
      console.log(JSON.stringify([touched, typeof load, typeof loadInWorker]));`;
    const options = { cwd: folder, stdio: ["ignore", "pipe", "inherit"] };
    const output = execFileSync("node", ["--input-type=module", "--eval", script], options);
    assert.deepEqual(JSON.parse(output), [[], "function", "function"]);
  });

  it("starts from bytes, and again after a failure", () => {
    const script = `
      import { readFileSync } from "node:fs";
      import { init, load } from "loupe-diamonds";
      await init(new Uint8Array(8)).then(() => process.exit(1), () => undefined);
      const wasm = readFileSync(new URL(import.meta.resolve("loupe-diamonds/wasm/loupe_bg.wasm")));
      await init(await WebAssembly.compile(wasm));
      const loupe = await load();
      console.log(loupe.predict(${JSON.stringify(STONE)}).price);`;
    const options = { cwd: folder, stdio: ["ignore", "pipe", "inherit"] };
    const output = execFileSync("node", ["--input-type=module", "--eval", script], options);
    assert.equal(Number(output), loupe.predict(STONE).price);
  });
});

/** The list of a row of the public table, which is seeded with `--price-list-by orientation`. */
function listed({ x, y }) {
  return x === y ? {} : { price_list: x < y ? "A" : "B" };
}

/** What is equal in all listings of a stone. A stone that was not measured has one listing. */
function identity({ id, carat, color, clarity, table, x, y, z }) {
  const isMeasured = x > 0 && y > 0 && z > 0;
  return isMeasured ? JSON.stringify([carat, color, clarity, table, Math.min(x, y), Math.max(x, y), z]) : id;
}

/** The bits of a number, as `x` and 16 hexadecimal digits. */
function bits(number) {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, number);
  return `x${view.getBigUint64(0).toString(16).padStart(16, "0")}`;
}
