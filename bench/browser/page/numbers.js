/** Encodes stones as XGBoost models expect them: grades from worst to best, color from D. */

const CODES = Object.entries({
  cut: ["Fair", "Good", "Very Good", "Premium", "Ideal"],
  color: ["D", "E", "F", "G", "H", "I", "J"],
  clarity: ["I1", "SI2", "SI1", "VS2", "VS1", "VVS2", "VVS1", "IF"],
}).map(([field, grades]) => ({ field, codes: new Map(grades.map((grade, code) => [grade, code])) }));
const MEASURES = ["depth", "table", "x", "y", "z"];

/** Numbers per stone. */
export const WIDTH = 1 + CODES.length + MEASURES.length;

/** Row by row, as in a tensor. */
export function numbers(stones) {
  const values = new Float32Array(stones.length * WIDTH);
  let at = 0;
  for (const stone of stones) {
    values[at++] = stone.carat;
    for (const { field, codes } of CODES) values[at++] = codes.get(stone[field]);
    for (const measure of MEASURES) values[at++] = stone[measure];
  }
  return values;
}
