/** Prices and real stones, computed in this browser. */

import { computed, signal } from "@preact/signals";
import { type Diamond, type Explanation, type FieldError, load, type Loupe, LoupeError, loadSamples, type Prediction, type Sample } from "loupe-diamonds";
import { blob, Refusal, serving } from "./api";
import { kind, diamond, form } from "./stone/stone";
import { messageOf } from "./format";

/** The model at work; undefined until it is ready. */
export const loupe = signal<Loupe | undefined>();
/** Why there is none, if there will be none. */
export const trouble = signal<string | undefined>();

/** How long the service has to say which model it runs. */
const TIMEOUT_MS = 5000;

/** The service's model as bytes, where it is not the page's own: for a worker, which has to load it again. */
export const served = signal<Uint8Array<ArrayBuffer> | undefined>();

/** The real stones: not asked for, on their way, how many there are, or why there are none. */
export const samples = signal<"absent" | "loading" | number | Error>("absent");

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
    const prediction = model.predict(diamond.value as Diamond);
    return { kind: "priced", prediction, took_ms: performance.now() - asked_ms };
  } catch (error) {
    return { kind: "refused", errors: refusals(error) };
  }
});

/** Why it is worth that; undefined where it has no price. */
export const explanation = computed<Explanation | undefined>(() => {
  if (answer.value.kind !== "priced") return undefined;
  return loupe.value?.explain(diamond.value as Diamond);
});

/** What is wrong with each field, by its name. */
export const faults = computed<ReadonlyMap<string, FieldError>>(() => {
  const errors = answer.value.kind === "refused" ? answer.value.errors : [];
  return new Map(errors.map((error) => [error.field, error]));
});

/** Those of the kind in the form, by carat; none before they are here. */
export const stonesOfKind = computed<readonly Sample[]>(() => {
  // Of the kind alone: a hand on the slider changes nothing here.
  if (typeof samples.value !== "number" || kind.value === "") return [];
  const { cut, color, clarity } = form.peek();
  return loupe.value?.ofKind({ carat: 1, cut, color, clarity }) ?? [];
});

/** Ends when it is known which model answers. */
export let settled: Promise<void> = Promise.resolve();

/** Makes a model ready: first the one that came with the page, until when the promise lasts; then, where it is another, the service's. */
export function start(): Promise<void> {
  const first = takeUp();
  settled = first.then(follow);
  return first;
}

async function takeUp(): Promise<void> {
  trouble.value = undefined;
  try {
    loupe.value = await load();
  } catch (error) {
    trouble.value = messageOf(error);
  }
}

/** The service's model in this browser, so that both give one price. */
async function follow(): Promise<void> {
  const bundled = loupe.peek()?.model.id;
  if (bundled === undefined) return;
  try {
    const patience = AbortSignal.timeout(TIMEOUT_MS);
    const id = await serving(patience);
    if (id === null || id === bundled) return;
    const bytes = await blob(id, patience);
    loupe.value = await load(bytes);
    served.value = bytes;
  } catch (error) {
    // Out of reach, late, or not for this visitor: the page's own model goes on, and the page says whose it is.
    const isExpected = error instanceof Refusal || error instanceof LoupeError || error instanceof DOMException;
    if (!isExpected) throw error;
  }
}

/** Makes the real stones ready, once. */
export async function ensureSamples(): Promise<void> {
  if (samples.peek() === "loading" || typeof samples.peek() === "number") return;
  samples.value = "loading";
  try {
    samples.value = await loadSamples();
  } catch (error) {
    samples.value = error instanceof Error ? error : new Error(String(error));
  }
}

/** What is wrong with the fields of a stone; whatever else was thrown is passed on. */
export function refusals(error: unknown): readonly FieldError[] {
  if (error instanceof LoupeError) return error.errors;
  throw error;
}
