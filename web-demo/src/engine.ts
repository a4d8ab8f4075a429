/** Prices and real stones, computed in this browser. */

import { computed, signal } from "@preact/signals";
import { type Diamond, type Explanation, type FieldError, load, type Loupe, LoupeError, loadSamples, type Prediction, type Sample } from "loupe-diamonds";
import { blob, Refusal, serving } from "./api";
import { kind, diamond, form } from "./stone/stone";
import { currency, messageOf } from "./format";

/** The model that computes the prices, or undefined until it is ready. */
export const loupe = signal<Loupe | undefined>();
/** Why no model could be loaded. */
export const trouble = signal<string | undefined>();

/** How long to wait for the service to say which model it runs, and to send it. */
const TIMEOUT_MS = 5000;

/** The service's model as bytes, if it differs from the page's own. A worker loads it from these. */
export const served = signal<Uint8Array<ArrayBuffer> | undefined>();

/** The state of the samples: not requested, loading, how many there are, or why they could not be loaded. */
export const samples = signal<"absent" | "loading" | number | Error>("absent");

/** The price of the stone in the form. */
export type Answer =
  | { kind: "waiting" }
  | { kind: "priced"; prediction: Prediction; took_ms: number }
  | { kind: "refused"; errors: readonly FieldError[] };

export const answer = computed<Answer>(() => {
  const model = loupe.value;
  if (!model) return { kind: "waiting" };
  try {
    const asked_ms = performance.now();
    const prediction = model.predict(diamond.value as Diamond);
    return { kind: "priced", prediction, took_ms: performance.now() - asked_ms };
  } catch (error) {
    return { kind: "refused", errors: refusals(error) };
  }
});

/** The explanation of the price, or undefined if there is no price. */
export const explanation = computed<Explanation | undefined>(() => {
  if (answer.value.kind !== "priced") return undefined;
  return loupe.value?.explain(diamond.value as Diamond);
});

/** The error of each field, by its name. */
export const faults = computed<ReadonlyMap<string, FieldError>>(() => {
  const errors = answer.value.kind === "refused" ? answer.value.errors : [];
  return new Map(errors.map((error) => [error.field, error]));
});

/** The samples with the form's cut, color and clarity, ordered by carat; empty until they are loaded. */
export const stonesOfKind = computed<readonly Sample[]>(() => {
  // This depends on the grades alone, so that moving the slider does not compute it again.
  if (typeof samples.value !== "number" || kind.value === "") return [];
  const { cut, color, clarity } = form.peek();
  return loupe.value?.ofKind({ carat: 1, cut, color, clarity }) ?? [];
});

/** Resolves when it is known which model answers. */
export let settled: Promise<void> = Promise.resolve();

/** Loads a model. The promise resolves with the page's own model; the service's follows if it is another one. */
export function start(): Promise<void> {
  const first = takeUp();
  settled = first.then(follow);
  return first;
}

async function takeUp(): Promise<void> {
  trouble.value = undefined;
  try {
    use(await load());
  } catch (error) {
    trouble.value = messageOf(error);
  }
}

function use(model: Loupe): void {
  currency.value = model.model.prices_in?.split(" ")[0] ?? "USD";
  loupe.value = model;
}

/** Loads the service's model, so that page and API give the same price. */
async function follow(): Promise<void> {
  const bundled = loupe.peek()?.model.id;
  if (bundled === undefined) return;
  try {
    const deadline = AbortSignal.timeout(TIMEOUT_MS);
    const id = await serving(deadline);
    if (id === null || id === bundled) return;
    const bytes = await blob(id, deadline);
    use(await load(bytes));
    served.value = bytes;
  } catch (error) {
    // The service cannot be reached, is slow, or refuses. The page keeps its own model and says so.
    const isExpected = error instanceof Refusal || error instanceof LoupeError || error instanceof DOMException;
    if (!isExpected) throw error;
  }
}

/** Loads the samples, once. */
export async function ensureSamples(): Promise<void> {
  if (samples.peek() === "loading" || typeof samples.peek() === "number") return;
  samples.value = "loading";
  try {
    samples.value = await loadSamples();
  } catch (error) {
    samples.value = error instanceof Error ? error : new Error(String(error));
  }
}

/** The field errors of a stone. Any other error is thrown again. */
export function refusals(error: unknown): readonly FieldError[] {
  if (error instanceof LoupeError) return error.errors;
  throw error;
}
