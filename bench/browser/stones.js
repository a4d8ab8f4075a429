/** Reads stones of the public data set, with all nine numbers. */

import { readFileSync } from "node:fs";

const GRADES = new Set(["cut", "color", "clarity"]);

/** So many of them, from the whole file, in an order that branch prediction cannot learn. */
export function readStones(file, count) {
  const [header, ...lines] = readFileSync(file, "utf8").trim().split(/\r?\n/);
  const fields = header.split(",").map((name) => name.replaceAll('"', ""));
  const stones = lines.map((line) => parseStone(fields, line)).filter(({ x, y, z }) => x && y && z);
  // Steps of a prime visit every row before they repeat one.
  return Array.from({ length: count }, (_, at) => stones[(at * 7919) % stones.length]);
}

function parseStone(fields, line) {
  const cells = line.split(",").map((word) => word.replaceAll('"', ""));
  const { price, ...stone } = Object.fromEntries(
    fields.map((field, at) => [field, GRADES.has(field) ? cells[at] : Number(cells[at])]),
  );
  return stone;
}
