/** The form: its fields, what is in them, and what is wrong with them. */

import type { FieldError, Stone } from "./api";
import { byId, element } from "./dom";

type Choice = readonly [value: string, words: string];

interface Field {
  name: string;
  label: string;
  hint: string;
  /** A field with choices is a dropdown, one without takes a number. */
  choices?: readonly Choice[];
  initial?: string;
}

const FOUR_CS: readonly Field[] = [
  { name: "carat", label: "Carat", hint: "The weight; one carat is 0.2 grams.", initial: "0.70" },
  {
    name: "cut",
    label: "Cut",
    hint: "How well it is cut, so how much it sparkles.",
    choices: [
      ["Ideal", "Ideal, the best"],
      ["Premium", "Premium"],
      ["Very Good", "Very good"],
      ["Good", "Good"],
      ["Fair", "Fair, the plainest"],
    ],
  },
  {
    name: "color",
    label: "Color",
    hint: "The less color, the rarer.",
    initial: "G",
    choices: [
      ["D", "D, colorless"],
      ["E", "E, colorless"],
      ["F", "F, colorless"],
      ["G", "G, nearly colorless"],
      ["H", "H, nearly colorless"],
      ["I", "I, nearly colorless"],
      ["J", "J, a hint of yellow"],
    ],
  },
  {
    name: "clarity",
    label: "Clarity",
    hint: "How free it is of flaws inside.",
    initial: "VS1",
    choices: [
      ["IF", "IF, flawless inside"],
      ["VVS1", "VVS1, flaws very hard to find"],
      ["VVS2", "VVS2, flaws hard to find"],
      ["VS1", "VS1, very small flaws"],
      ["VS2", "VS2, small flaws"],
      ["SI1", "SI1, flaws under a loupe"],
      ["SI2", "SI2, easy to see under a loupe"],
      ["I1", "I1, visible to the eye"],
    ],
  },
];

const MEASURES: readonly Field[] = [
  { name: "x", label: "Length (x)", hint: "In millimeters." },
  { name: "y", label: "Width (y)", hint: "In millimeters." },
  { name: "z", label: "Height (z)", hint: "In millimeters." },
  { name: "depth", label: "Depth", hint: "Height in percent of the width." },
  { name: "table", label: "Table", hint: "Top facet in percent of the width." },
];

const WISH: readonly Field[] = [
  { name: "n", label: "Similar stones", hint: "How many to show, 1 to 100.", initial: "5" },
];

/** What was asked. */
export interface Question {
  stone: Stone;
  n: string;
}

/** Fills the form with its fields. */
export function build(): void {
  byId("four-cs").append(...FOUR_CS.map(field));
  byId("measures").append(...MEASURES.map(field));
  byId("wish").append(...WISH.map(field));
}

/** What is in the form. Nothing is judged here: the service knows best what it takes. */
export function read(form: HTMLFormElement): Question {
  const entries = new FormData(form);
  const text = (name: string) => String(entries.get(name) ?? "").trim();
  const stone: Stone = {};
  for (const { name, choices } of [...FOUR_CS, ...MEASURES]) {
    const typed = text(name);
    if (typed === "") continue;
    const number = Number(typed);
    stone[name] = choices || Number.isNaN(number) ? typed : number;
  }
  return { stone, n: text("n") };
}

/** Shows each error at its field; returns those that belong to none. */
export function showErrors(errors: readonly FieldError[]): FieldError[] {
  clearErrors();
  const strays = errors.filter((error) => !showError(error));
  const wrong = document.querySelectorAll<HTMLElement>("[aria-invalid]");
  for (const input of wrong) {
    const folded = input.closest("details");
    if (folded) folded.open = true;
  }
  wrong[0]?.focus();
  return strays;
}

/** Takes all errors away. */
export function clearErrors(): void {
  for (const input of document.querySelectorAll("[aria-invalid]")) clearError(input);
}

function field({ name, label, hint, choices, initial }: Field): HTMLElement {
  const described = { id: name, name, "aria-describedby": `${name}-hint ${name}-error` };
  const input = choices
    ? element(
        "select",
        described,
        ...choices.map(([value, words]) => element("option", { value, selected: value === initial }, words)),
      )
    : element("input", {
        ...described,
        type: "text",
        inputmode: name === "n" ? "numeric" : "decimal",
        autocomplete: "off",
        value: initial ?? "",
      });
  input.addEventListener("input", () => clearError(input));
  return element(
    "div",
    { class: "field" },
    element("label", { for: name }, label),
    input,
    element("p", { class: "hint", id: `${name}-hint` }, hint),
    element("p", { class: "error", id: `${name}-error` }),
  );
}

function showError({ field, message, value, allowed }: FieldError): boolean {
  const input = document.getElementById(field);
  const place = document.getElementById(`${field}-error`);
  if (!input || !place) return false;
  input.setAttribute("aria-invalid", "true");
  // A message that gives the bounds has said it all.
  const remedy = message.includes("at most") ? "" : ` Allowed: ${allowed}.`;
  place.textContent = `${value === "" ? "This" : `“${value}”`} ${message}.${remedy}`;
  return true;
}

function clearError(input: Element): void {
  input.removeAttribute("aria-invalid");
  document.getElementById(`${input.id}-error`)?.replaceChildren();
}
