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
  cut: Cut;
  color: Color;
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

/** What a diamond is worth. */
export interface Prediction {
  /** In dollars of 2008, with cents. */
  price: number;
  currency: "USD";
  /** Where the true price lies with some confidence; null for a model that does not know. */
  range: { low: number; high: number; confidence: number } | null;
  /** Why the estimate deserves less trust than usual, in plain words. */
  warnings: string[];
  /** The model that was asked. */
  model: { id: string; family: string };
}

/** What is wrong with one field. */
export interface FieldError {
  field: string;
  message: string;
  /** As it was given; empty where nothing was. */
  value: string;
  /** What would be right. */
  allowed: string;
}

/** What a model says of itself. */
export interface ModelInfo {
  /** The same in every registry, service and browser that holds these bytes. */
  id: string;
  family: string;
  bytes: number;
  /** Terms of a linear model, or nodes of all trees. */
  nodes: number;
  features: string[];
  /** How well it did on stones that it never saw, errors in dollars. */
  holdout: Metrics | null;
}

/** How well prices were predicted. */
export interface Metrics {
  mae: number;
  rmse: number;
  r2: number;
  mape: number;
  within_10_percent: number;
  n: number;
}
