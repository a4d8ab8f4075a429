/** Price against weight, for one cut, color and clarity. */

import type { Diamond, Loupe, Sample } from "loupe-diamonds";

/** The model's price and its range at each weight. */
export interface Curve {
  carat: number[];
  price: number[];
  low: number[];
  high: number[];
}

/** The number of points: about as many as a chart can show separately. */
const STEPS = 240;
const LIGHTEST = 0.2;
/** The minimum weight at which the curve ends, even if no real stone is that heavy. */
const AT_LEAST = 2;

/** The model's curve for a cut, color and clarity, in a price list or none, from the lightest real stone to slightly above the heaviest. */
export function curveOf(model: Loupe, kind: Omit<Diamond, "carat">, heaviest: number): Curve {
  const end = Math.max(AT_LEAST, heaviest * 1.04);
  const curve: Curve = { carat: [], price: [], low: [], high: [] };
  for (let step = 0; step <= STEPS; step++) {
    const carat = LIGHTEST + ((end - LIGHTEST) * step) / STEPS;
    const { price, range } = model.predict({ ...kind, carat });
    curve.carat.push(carat);
    curve.price.push(price);
    curve.low.push(range?.low ?? price);
    curve.high.push(range?.high ?? price);
  }
  return curve;
}

/** The stone nearest to a point of the chart, by distance in pixels, or undefined if none is close enough. */
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
