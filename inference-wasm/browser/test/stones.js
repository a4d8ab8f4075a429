/** Stones to price: real ones, random ones, and ones at the limits of what is allowed. */

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { root } from "./install.js";

/** The program of the trainer. */
export const trainer = process.env.TRAINER ?? join(root, "target/release/trainer");
const CUTS = ["Fair", "Good", "Very Good", "Premium", "Ideal"];
const COLORS = [..."DEFGHIJ"];
const CLARITIES = ["I1", "SI2", "SI1", "VS2", "VS1", "VVS2", "VVS1", "IF"];
const MEASURES = ["depth", "table", "x", "y", "z"];
/** Price lists that the champion knows. */
const LISTS = [undefined, "A", "b"];

/** Every `step`-th stone of the data set. Every third of these lacks one measure and every seventh all. */
export function sample(step) {
  return rows("data/diamonds.csv")
    .filter((_, at) => at % step === 0)
    .map(({ price, ...stone }, at) => {
      const missing = at % 7 === 0 ? MEASURES : at % 3 === 0 ? ["xyz"[(at % 9) / 3]] : [];
      for (const name of missing) delete stone[name];
      // The data set marks a missing measure by zero.
      for (const name of "xyz") if (stone[name] === 0) delete stone[name];
      return stone;
    });
}

/** Stones with values around the limits of each field, and with missing ones. */
export function edges(count) {
  const smallest = Number.MIN_VALUE;
  const values = {
    carat: [smallest, 1e-9, 0.01, 0.2, 0.30000000000000004, 0.7, 0.9999999999, 1, 1.0000000001, 2.005, 5.01, 99.9, 100],
    cut: CUTS,
    color: COLORS,
    clarity: CLARITIES,
    depth: [undefined, smallest, 0.1, 43, 58.05, 61.45, 61.5, 61.55, 79, 100],
    table: [undefined, smallest, 43, 54.95, 57, 57.5, 95, 100],
    x: [undefined, smallest, 0.04, 3.73, 5.7, 6.495, 10.74, 58.9, 100],
    y: [undefined, smallest, 3.68, 5.71, 6.505, 58.9, 100],
    z: [undefined, smallest, 1.07, 3.51, 3.995, 31.8, 100],
    price_list: LISTS,
  };
  const chance = dice();
  return Array.from({ length: count }, () => {
    const entries = Object.entries(values).map(([name, list]) => [name, list[chance(list.length)]]);
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
  });
}

/** Random stones: a third with every measure, a third with none, a third with some; two thirds with a price list. */
export function random(count) {
  const chance = dice();
  const between = (low, high, digits) => Number((low + ((high - low) * chance(1e6)) / 1e6).toFixed(digits));
  const one = (list) => list[chance(list.length)];
  return Array.from({ length: count }, (_, at) => {
    const carat = between(0.2, chance(10) === 0 ? 12 : 2.5, 2);
    const x = between(0.92, 1.08, 4) * 6.4 * Math.cbrt(carat);
    const measures = {
      depth: between(52, 72, 1),
      table: between(50, 70, 1),
      x: Number(x.toFixed(2)),
      y: Number((x * between(0.98, 1.02, 4)).toFixed(2)),
      z: Number((x * between(0.55, 0.68, 4)).toFixed(2)),
    };
    const price_list = one(LISTS);
    const isKnown = [() => true, () => false, () => chance(2) === 0][at % 3];
    const known = Object.entries(measures).filter(isKnown);
    const stone = { carat, cut: one(CUTS), color: one(COLORS), clarity: one(CLARITIES), ...Object.fromEntries(known) };
    return price_list ? { ...stone, price_list } : stone;
  });
}

/** Random numbers below a bound, the same in every run. */
function dice() {
  let state = 42;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

/** The stone turned by 90 degrees. */
export function turned(stone) {
  return { ...stone, x: stone.y, y: stone.x };
}

/** The trainer's unrounded `{price, low, high}` for each stone. */
export function trainerPredicts(blob, stones) {
  const input = stones.map((stone) => `${JSON.stringify(stone)}\n`).join("");
  const arguments_ = ["predict", blob, "--input", "-", "--format", "ndjson"];
  const output = execFileSync(trainer, arguments_, { input, maxBuffer: 1 << 28, stdio: ["pipe", "pipe", "inherit"] });
  return output.toString().trim().split("\n").map((line) => JSON.parse(line));
}

/** The rows of a CSV in the repository, with numbers where possible and without empty fields. */
export function rows(path) {
  const [header, ...lines] = readFileSync(join(root, path), "utf8").trim().split(/\r?\n/);
  const names = header.split(",");
  return lines.map((line) => {
    const entries = line.split(",").map((text, at) => [names[at], text]);
    const value = (text) => (Number.isNaN(Number(text)) ? text : Number(text));
    return Object.fromEntries(entries.filter(([, text]) => text !== "").map(([name, text]) => [name, value(text)]));
  });
}
