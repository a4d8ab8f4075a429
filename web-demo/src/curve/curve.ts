/** Price against weight, for stones of one kind. */

import type { Diamond, FourCs, Loupe, Sample } from "loupe-diamonds";

/** The model's price and its range at each weight. */
export interface Curve {
  carat: number[];
  price: number[];
  low: number[];
  high: number[];
}

/** As many weights as a chart can show apart. */
const STEPS = 240;
const LIGHTEST = 0.2;
/** How far the curve goes where no real stone goes as far. */
const AT_LEAST = 2;

/** The model's curve for a cut, color and clarity, from the lightest stones to somewhat beyond the heaviest. */
export function curveOf(model: Loupe, kind: Omit<FourCs, "carat">, heaviest: number): Curve {
  const end = Math.max(AT_LEAST, heaviest * 1.04);
  const curve: Curve = { carat: [], price: [], low: [], high: [] };
  for (let step = 0; step <= STEPS; step++) {
    const carat = LIGHTEST + ((end - LIGHTEST) * step) / STEPS;
    const { price, range } = model.predict({ ...kind, carat } as Diamond);
    curve.carat.push(carat);
    curve.price.push(price);
    curve.low.push(range?.low ?? price);
    curve.high.push(range?.high ?? price);
  }
  return curve;
}

/** The stone nearest to a point of the chart, by distance in pixels; undefined where none is near. */
export function nearest(
  stones: readonly Sample[],
  at: { x: number; y: number },
  place: (stone: Sample) => { x: number; y: number },
  within_px: number,
): number | undefined {
  let best: number | undefined;
  let least = within_px ** 2;
  for (const [index, stone] of stones.entries()) {
    const { x, y } = place(stone);
    const distance = (x - at.x) ** 2 + (y - at.y) ** 2;
    if (distance < least) [best, least] = [index, distance];
  }
  return best;
}
