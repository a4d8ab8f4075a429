import type { LoupeError } from "./errors.js";

/** Grades of cut, worst to best. */
export type Cut = "Fair" | "Good" | "Very Good" | "Premium" | "Ideal";
/** Color, best to worst. */
export type Color = "D" | "E" | "F" | "G" | "H" | "I" | "J";
/** Clarity, worst to best. */
export type Clarity = "I1" | "SI2" | "SI1" | "VS2" | "VS1" | "VVS2" | "VVS1" | "IF";

/** A diamond: its four Cs, and optional measures. */
export interface Diamond {
  /** Weight in carats. */
  carat: number;
  /** Grade of the cut. */
  cut: Cut;
  /** Color, D to J. */
  color: Color;
  /** Clarity, I1 to IF. */
  clarity: Clarity;
  /** Total depth, z / mean(x, y), in percent. */
  depth?: number | null;
  /** Width of the top facet relative to the widest point, in percent. */
  table?: number | null;
  /** Length in mm. */
  x?: number | null;
  /** Width in mm. */
  y?: number | null;
  /** Depth in mm. */
  z?: number | null;
}

/** A diamond by its four Cs. */
export type FourCs = Pick<Diamond, "carat" | "cut" | "color" | "clarity">;

/** A stone of the data set, and its price. */
export interface Sample extends FourCs {
  /** The row's id in the service's database. */
  id: number;
  /** In percent. */
  depth: number;
  /** In percent. */
  table: number;
  /** In dollars. */
  price: number;
  /** In mm; 0 if it was not measured. */
  x: number;
  /** In mm; 0 if it was not measured. */
  y: number;
  /** In mm; 0 if it was not measured. */
  z: number;
}

/** The stones most similar to one, nearest first. */
export interface Similar {
  /** The number requested. */
  requested: number;
  /** The number found, at most `requested`. */
  found: number;
  /**
   * The stones, by `carat_difference` without its sign, then by id. It is how much heavier a stone is than the given one, in
   * whole billionths of a carat.
   */
  diamonds: (Sample & { carat_difference: number })[];
}

/** The estimated price of a diamond. */
export interface Prediction {
  /** In dollars of 2008, with cents. */
  price: number;
  /** The currency of the price. */
  currency: "USD";
  /** A range that contains the price with the given confidence, or null if the model has none. */
  range: { low: number; high: number; confidence: number } | null;
  /** The reasons why the estimate may be less accurate than usual. */
  warnings: Warning[];
  /** The model that made the estimate. */
  model: { id: string; family: string };
}

/** A reason why an estimate may be less accurate than usual, as in the HTTP API. */
export interface Warning {
  /** The kind of warning, for programs. */
  code: string;
  /** One sentence for people, without a capital or a full stop. */
  message: string;
  /** The fields that it concerns. */
  fields: string[];
}

/** The result for one diamond of a batch: its price, or its errors. */
export type Priced = Prediction | Refused;

/** A diamond of a batch that was not priced. */
export interface Refused {
  /** Every field that is wrong. */
  error: LoupeError;
}

/** The parts of a price. Their effects add up to it, to the cent. */
export type Explanation = Part[];

/** One part of a price. */
export interface Part {
  /**
   * `average` is the average stone; `floor`, the last where the model's own price is below 0, lifts it to 0. A model that
   * sees shapes has, in place of x, y and z: `width`, their mean in mm; `length_to_width`, x in percent of y; and
   * `face_weight`, carats a square centimetre of x times y.
   */
  feature: "average" | keyof Diamond | "width" | "length_to_width" | "face_weight" | "floor";
  /** A label for people, such as "Weight" for carat. That of a measure says if it was estimated. */
  label: string;
  /** The value of the feature, rounded to hundredths if it was estimated; null if the part belongs to no feature. */
  value: number | string | null;
  /** In dollars with cents; negative if it lowers the price. */
  effect: number;
}

/** A description of a model. */
export interface ModelInfo {
  /** The id, which is the same wherever these bytes are used. */
  id: string;
  /** The family: "xgboost", "log-linear", … */
  family: string;
  /** The size of the blob in bytes. */
  bytes: number;
  /** The number of terms of a linear model, or of nodes in all trees. */
  nodes: number;
  /** The features, in the model's order. */
  features: string[];
  /** The metrics on held-out stones. */
  holdout: Metrics | null;
}

/** Metrics of predicted prices. */
export interface Metrics {
  /** Mean absolute error, in dollars. */
  mae: number;
  /** Root of the mean squared error, in dollars. */
  rmse: number;
  /** Share of the prices' variance that is explained. */
  r2: number;
  /** Mean absolute error as a share of the price. */
  mape: number;
  /** Share of predictions that are off by less than a tenth. */
  within_10_percent: number;
  /** The number of stones. */
  n: number;
}
