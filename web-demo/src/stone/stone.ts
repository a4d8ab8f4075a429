/** The stone in the form, which all pages share. */

import type { Clarity, Color, Cut } from "loupe-diamonds";
import { computed, signal } from "@preact/signals";
import { CLARITIES, COLORS, CUTS } from "../grades";

/** The optional measures of a stone. */
export const MEASURES = ["x", "y", "z", "depth", "table"] as const;
export type Measure = (typeof MEASURES)[number];

/** A stone as the form contains it: numbers are the text that was typed. */
export interface DiamondForm extends Record<Measure, string> {
  carat: string;
  cut: Cut;
  color: Color;
  clarity: Clarity;
  /** The price list to price by, or empty. */
  price_list: string;
}

/** The stone as input for the model: what parses as a number is one, and anything else stays text, which the model rejects with a message. */
export type DiamondFields = { cut: Cut; color: Color; clarity: Clarity; price_list?: string } & {
  [F in "carat" | Measure]?: number | string;
};

export const form = signal<DiamondForm>({
  carat: "0.70",
  cut: "Ideal",
  color: "G",
  clarity: "VS1",
  x: "",
  y: "",
  z: "",
  depth: "",
  table: "",
  price_list: "",
});

export const diamond = computed<DiamondFields>(() => {
  const { cut, color, clarity, price_list, ...numbers } = form.value;
  const given = Object.entries(numbers).filter(([, text]) => text.trim() !== "");
  return { ...Object.fromEntries(given.map(([field, text]) => [field, spoken(text)])), cut, color, clarity, ...(price_list === "" ? {} : { price_list }) };
});

/** The weight, if it is a number. */
export const carat = computed<number>(() => Number(form.value.carat.trim() || Number.NaN));

/** A key made of cut, color and clarity. */
export const kind = computed<string>(() => {
  const { cut, color, clarity } = form.value;
  return `${cut}, ${color}, ${clarity}`;
});

/** Changes some fields of the stone. */
export function change(fields: Partial<DiamondForm>): void {
  form.value = { ...form.peek(), ...fields };
}

/** The stone as the query string of a link. */
export function toQuery(stone: DiamondForm): URLSearchParams {
  return new URLSearchParams(Object.entries(stone).filter(([, value]) => value !== ""));
}

/** Sets the stone from the query string of a link, and ignores unknown fields. */
export function takeQuery(query: URLSearchParams): void {
  const fields: Partial<DiamondForm> = {};
  for (const field of ["carat", ...MEASURES, "price_list"] as const) {
    const text = query.get(field);
    if (text !== null) fields[field] = text.slice(0, 40);
  }
  const [cut, color, clarity] = [query.get("cut"), query.get("color"), query.get("clarity")];
  const known = <G extends string>(grades: readonly { grade: G }[], name: string | null) =>
    grades.find(({ grade }) => grade === name)?.grade;
  const grades = { cut: known(CUTS, cut), color: known(COLORS, color), clarity: known(CLARITIES, clarity) };
  for (const [name, grade] of Object.entries(grades)) if (grade) Object.assign(fields, { [name]: grade });
  if (Object.keys(fields).length > 0) change(fields);
}

function spoken(text: string): number | string {
  const number = Number(text);
  return Number.isFinite(number) ? number : text.trim();
}
