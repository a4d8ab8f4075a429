/** The metrics of a model. */

import type { Metrics } from "loupe-diamonds";
import { decimals, money, percent } from "../format";

export interface Metric {
  name: Exclude<keyof Metrics, "n">;
  title: string;
  /** A description in one sentence. */
  meaning: string;
  /** Whether a lower value is better. */
  less: boolean;
  shown: (value: number) => string;
}

export const METRICS: readonly Metric[] = [
  { name: "mae", title: "Mean error", meaning: "By how much the price is off, on average.", less: true, shown: money },
  { name: "rmse", title: "RMS error", meaning: "As the mean error, but large errors weigh more.", less: true, shown: money },
  { name: "mape", title: "Relative error", meaning: "By how much of the price it is off, on average.", less: true, shown: percent },
  { name: "within_10_percent", title: "Within 10 %", meaning: "How many prices are off by less than a tenth.", less: false, shown: percent },
  { name: "r2", title: "R²", meaning: "How much of the spread of prices it explains; 1 is all.", less: false, shown: (value) => decimals(Number(value.toFixed(4)), 4) },
];
