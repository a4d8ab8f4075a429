import type { LoupeError } from "./errors.js";

/** Quality of the cut, worst to best. */
export type Cut = "Fair" | "Good" | "Very Good" | "Premium" | "Ideal";
/** Color, best to worst. */
export type Color = "D" | "E" | "F" | "G" | "H" | "I" | "J";
/** Clarity, worst to best. */
export type Clarity = "I1" | "SI2" | "SI1" | "VS2" | "VS1" | "VVS2" | "VVS1" | "IF";

/** A diamond by its four Cs and whatever of it was measured. */
export interface Diamond {
  /** Weight in carats. */
  carat: number;
  /** Quality of the cut. */
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

/** A stone of the data set, and what it cost. */
export interface Sample extends FourCs {
  /** The same as in the service's database. */
  id: number;
  /** In percent. */
  depth: number;
  /** In percent. */
  table: number;
  /** In dollars. */
  price: number;
  /** In mm; 0 where it was not measured. */
  x: number;
  /** In mm; 0 where it was not measured. */
  y: number;
  /** In mm; 0 where it was not measured. */
  z: number;
}

/** The stones most like one, the nearest first. */
export interface Similar {
  /** How many were asked for. */
  requested: number;
  /** How many there are, at most as many as requested. */
  found: number;
  /** `carat_difference` is how much heavier a stone is than the one asked about. */
  diamonds: (Sample & { carat_difference: number })[];
}

/** What a diamond is worth. */
export interface Prediction {
  /** In dollars of 2008, with cents. */
  price: number;
  /** What the price is in. */
  currency: "USD";
  /** Where the true price lies with some confidence; null for a model that does not know. */
  range: { low: number; high: number; confidence: number } | null;
  /** Why the estimate deserves less trust than usual. */
  warnings: Warning[];
  /** The model that was asked. */
  model: { id: string; family: string };
}

/** One reason why an estimate deserves less trust than usual, as in the HTTP API. */
export interface Warning {
  /** Which kind of warning it is; programs compare this. */
  code: string;
  /** One sentence for people, without a capital or a full stop. */
  message: string;
  /** The fields that it is about. */
  fields: string[];
}

/** What a batch gives for each diamond: what it is worth, or what is wrong with it. */
export type Priced = Prediction | Refused;

/** A diamond of a batch that was not priced. */
export interface Refused {
  /** Names every field that is wrong. */
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
  /** For people: "Weight" for carat. Says of a measure whether it was estimated. */
  label: string;
  /** The feature as the model saw it, to hundredths where it was estimated; null where the part is of no feature. */
  value: number | string | null;
  /** In dollars with cents, below 0 where it makes the stone cheaper. */
  effect: number;
}

/** What a model says of itself. */
export interface ModelInfo {
  /** The same in every registry, service and browser that holds these bytes. */
  id: string;
  /** How it was learnt: "xgboost", "log-linear", … */
  family: string;
  /** Its size. */
  bytes: number;
  /** Terms of a linear model, or nodes of all trees. */
  nodes: number;
  /** What it looks at, in its order. */
  features: string[];
  /** How well it did on stones that it never saw, errors in dollars. */
  holdout: Metrics | null;
}

/** How well prices were predicted. */
export interface Metrics {
  /** Mean absolute error, in dollars. */
  mae: number;
  /** Root of the mean squared error, in dollars. */
  rmse: number;
  /** Share of the prices' variance that is explained. */
  r2: number;
  /** Mean absolute error as a share of the price. */
  mape: number;
  /** Share of prices met within a tenth. */
  within_10_percent: number;
  /** How many stones. */
  n: number;
}
