/** Prices and real stones, computed in this browser. */

import { computed, signal } from "@preact/signals";
import { type Diamond, type Explanation, type FieldError, load, type Loupe, LoupeError, loadSamples, type Prediction } from "loupe-diamonds";
import { said } from "./stone/stone";
import { messageOf } from "./words";

/** The model at work; undefined until it is ready. */
export const loupe = signal<Loupe | undefined>();
/** Why there is none, if there will be none. */
export const trouble = signal<string | undefined>();

/** The real stones: not asked for, on their way, how many there are, or why there are none. */
export const stock = signal<"absent" | "loading" | number | Error>("absent");

/** What the stone in the form is worth. */
export type Answer =
  | { kind: "waiting" }
  | { kind: "priced"; prediction: Prediction; took_ms: number }
  | { kind: "refused"; errors: readonly FieldError[] };

export const answer = computed<Answer>(() => {
  const model = loupe.value;
  if (!model) return { kind: "waiting" };
  try {
    const asked_ms = performance.now();
    const prediction = model.predict(said.value as Diamond);
    return { kind: "priced", prediction, took_ms: performance.now() - asked_ms };
  } catch (error) {
    return { kind: "refused", errors: refusals(error) };
  }
});

/** Why it is worth that; undefined where it has no price. */
export const explanation = computed<Explanation | undefined>(() => {
  if (answer.value.kind !== "priced") return undefined;
  return loupe.value?.explain(said.value as Diamond);
});

/** What is wrong with each field, by its name. */
export const faults = computed<ReadonlyMap<string, FieldError>>(() => {
  const errors = answer.value.kind === "refused" ? answer.value.errors : [];
  return new Map(errors.map((error) => [error.field, error]));
});

/** Makes the model ready. */
export async function start(): Promise<void> {
  trouble.value = undefined;
  try {
    loupe.value = await load();
  } catch (error) {
    trouble.value = messageOf(error);
  }
}

/** Makes the real stones ready, once. */
export async function stockUp(): Promise<void> {
  if (stock.peek() === "loading" || typeof stock.peek() === "number") return;
  stock.value = "loading";
  try {
    stock.value = await loadSamples();
  } catch (error) {
    stock.value = error instanceof Error ? error : new Error(String(error));
  }
}

/** What is wrong with the fields of a stone; whatever else was thrown is passed on. */
export function refusals(error: unknown): readonly FieldError[] {
  if (error instanceof LoupeError) return error.errors;
  throw error;
}
