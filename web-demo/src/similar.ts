/** The answer to the second question: the real stones most like it. */

import type { Neighbour, Similar } from "./api";
import { element } from "./dom";
import { carats, difference, dollars } from "./words";

export function similar({ requested, found, diamonds }: Similar): Node[] {
  if (found === 0) {
    return [element("p", {}, "No stone of this cut, color and clarity is known. Try a neighboring grade.")];
  }
  const words =
    found < requested
      ? `Only ${found} of the ${requested} asked for are known of this cut, color and clarity.`
      : "Of the same cut, color and clarity, nearest in weight first.";
  const heads = ["Price", "Carat", "Differs by", "Size, mm", "Depth, %", "Table, %"];
  const head = element("tr", {}, ...heads.map((text) => element("th", { scope: "col" }, text)));
  return [
    element("p", { class: "hint", id: "similar-words" }, words),
    element(
      "table",
      { "aria-describedby": "similar-words" },
      element("thead", {}, head),
      element("tbody", {}, ...diamonds.map(row)),
    ),
  ];
}

function row({ price, carat, carat_difference, x, y, z, depth, table }: Neighbour): HTMLElement {
  const cells = [
    dollars(price),
    carats(carat),
    difference(carat_difference),
    size(x, y, z),
    depth.toFixed(1),
    table.toFixed(1),
  ];
  return element("tr", {}, ...cells.map((text) => element("td", {}, text)));
}

/** A cross between narrow spaces that do not break. */
const NARROW_TIMES = "\u202f×\u202f";

/** Zero is how the data set says that nobody measured. */
function size(...measures: number[]): string {
  return measures.includes(0) ? "not measured" : measures.map((mm) => mm.toFixed(2)).join(NARROW_TIMES);
}
