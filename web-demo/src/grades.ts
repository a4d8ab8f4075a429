/** The grades of cut, color and clarity, each with a plain sentence. */

import type { Clarity, Color, Cut } from "loupe-diamonds";

/** A grade, and what it means to someone looking at the stone. */
export interface Grade<G extends string> {
  readonly grade: G;
  readonly meaning: string;
}

/** Worst to best. */
export const CUTS: readonly Grade<Cut>[] = [
  { grade: "Fair", meaning: "Cut to keep weight: much of the light leaks away." },
  { grade: "Good", meaning: "Returns most of the light; lively, not brilliant." },
  { grade: "Very Good", meaning: "Returns nearly as much light as the best." },
  { grade: "Premium", meaning: "Brilliant, with proportions a touch off the ideal." },
  { grade: "Ideal", meaning: "Proportioned to return almost all light that enters." },
];

/** Best to worst, as every certificate lists them. */
export const COLORS: readonly Grade<Color>[] = [
  { grade: "D", meaning: "Absolutely colorless: the rarest." },
  { grade: "E", meaning: "Colorless; only a gemologist sees a trace." },
  { grade: "F", meaning: "Colorless face up; a trace next to a D." },
  { grade: "G", meaning: "Nearly colorless: warm only next to a better stone." },
  { grade: "H", meaning: "Nearly colorless; slightly warm from the side." },
  { grade: "I", meaning: "A hint of warmth, seen in larger stones." },
  { grade: "J", meaning: "A faint yellow that the eye can find." },
];

/** Worst to best. */
export const CLARITIES: readonly Grade<Clarity>[] = [
  { grade: "I1", meaning: "Flaws that the naked eye can see." },
  { grade: "SI2", meaning: "Flaws easy to see under a loupe." },
  { grade: "SI1", meaning: "Flaws to be seen under a loupe, seldom without." },
  { grade: "VS2", meaning: "Small flaws, found with some effort under a loupe." },
  { grade: "VS1", meaning: "Small flaws, hard to find under a loupe." },
  { grade: "VVS2", meaning: "Tiny flaws, very hard to find under a loupe." },
  { grade: "VVS1", meaning: "Tiny flaws that even an expert may miss." },
  { grade: "IF", meaning: "Flawless inside, under a tenfold loupe." },
];
