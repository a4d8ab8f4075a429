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
  /** One diameter in mm. Exchanging x and y changes nothing. */
  x?: number | null;
  /** The other diameter in mm. */
  y?: number | null;
  /** Depth in mm. */
  z?: number | null;
  /**
   * The price list to price by, which must be one of `ModelInfo.price_lists`, in upper or lower case. A model that knows none
   * ignores it, with a warning.
   */
  price_list?: string | null;
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
  /** In the currency of the data set. */
  price: number;
  /** In mm; 0 if it was not measured. */
  x: number;
  /** In mm; 0 if it was not measured. */
  y: number;
  /** In mm; 0 if it was not measured. */
  z: number;
  /** The list that the price is from, if it is known. */
  price_list?: string;
}

/** Another listing of a stone in the data set. */
export interface Listing {
  /** The row's id in the service's database. */
  id: number;
  /** The list that the price is from, or null if it is not known. */
  price_list: string | null;
  /** Two sellers may grade the same stone differently. */
  cut: Cut;
  /** In the currency of the data set. */
  price: number;
}

/** A stone of the data set that is similar to a given one. */
export interface SimilarSample extends Sample {
  /** How much heavier it is than the given one, in whole billionths of a carat. */
  carat_difference: number;
  /** The other listings of the same stone, by id, if there are any. */
  also_listed?: Listing[];
}

/** The stones most similar to one, nearest first. */
export interface Similar {
  /** The number requested. */
  requested: number;
  /** The number found, at most `requested`. */
  found: number;
  /** The stones, by `carat_difference` without its sign, then by id. */
  diamonds: SimilarSample[];
}

/** The estimated price of a diamond. */
export interface Prediction {
  /** In `currency`, with cents. */
  price: number;
  /** The currency of the prices that the model learnt from, such as "USD". */
  currency: string;
  /** The year of the prices that the model learnt from, if it is known. */
  price_year?: number;
  /** A range that contains the price with the given confidence, or null if the model has none. */
  range: PriceRange | null;
  /** The price by each list that the model knows, if it knows any and the diamond names none. `range` holds all of them. */
  price_lists?: PriceListEstimate[];
  /** The reasons why the estimate may be less accurate than usual. */
  warnings: Warning[];
  /** The model that made the estimate. */
  model: { id: string; family: string };
}

/** The ends of a range, and the share of stones whose price is in it. */
export interface PriceRange {
  /** In the currency of the prediction, with cents. */
  low: number;
  /** In the currency of the prediction, with cents. */
  high: number;
  /** From 0 to 1. */
  confidence: number;
}

/** The price of a diamond by one price list. */
export interface PriceListEstimate {
  /** The name of the list. */
  name: string;
  /** In the currency of the prediction, with cents. */
  price: number;
  /** As of the prediction. */
  range: PriceRange | null;
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
   * `average` is the average stone; `typical_measures` are all measures that were not stated and that the model took to be
   * typical for the four Cs, `missing_measures` those that it did without; `floor`, the last where the model's own price is
   * below 0, lifts it to 0. A model that sees shapes has, in place of x, y and z: `average_diameter`, their mean in mm;
   * `diameter_ratio`, the smaller in percent of the larger; and `face_weight`, carats a square centimetre of x times y.
   */
  feature:
    | "average"
    | keyof Diamond
    | "average_diameter"
    | "diameter_ratio"
    | "face_weight"
    | "typical_measures"
    | "missing_measures"
    | "floor";
  /** A label for people, such as "Weight" for carat. */
  label: string;
  /**
   * The value as it was stated, or as it follows from what was stated, to thousandths; null if the part belongs to no feature
   * that was stated.
   */
  value: number | string | null;
  /** In the currency of the price, with cents; negative if it lowers the price. */
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
  /** The currency and the year of the prices that it learnt from, such as "USD 2008"; null if that is not known. */
  prices_in: string | null;
  /** The price lists that it knows, by name. */
  price_lists: string[];
  /** The metrics on held-out stones. */
  holdout: Metrics | null;
}

/** Metrics of predicted prices. */
export interface Metrics {
  /** Mean absolute error, in the currency of the prices. */
  mae: number;
  /** Root of the mean squared error, in the currency of the prices. */
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
