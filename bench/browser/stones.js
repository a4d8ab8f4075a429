/** Stones of the public table, all nine numbers known. */

import { readFileSync } from "node:fs";

const GRADES = new Set(["cut", "color", "clarity"]);

/** So many of them, from all over the table, in no order that a processor could learn. */
export function stonesOf(file, count) {
  const [header, ...lines] = readFileSync(file, "utf8").trim().split(/\r?\n/);
  const fields = header.split(",").map((name) => name.replaceAll('"', ""));
  const stones = lines.map((line) => stoneOf(fields, line)).filter(({ x, y, z }) => x && y && z);
  // Steps of a prime go everywhere before they come back.
  return Array.from({ length: count }, (_, at) => stones[(at * 7919) % stones.length]);
}

function stoneOf(fields, line) {
  const words = line.split(",").map((word) => word.replaceAll('"', ""));
  const { price, ...stone } = Object.fromEntries(
    fields.map((field, at) => [field, GRADES.has(field) ? words[at] : Number(words[at])]),
  );
  return stone;
}
