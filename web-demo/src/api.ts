/** The two questions that the page asks, in the shapes of the HTTP API. */

/** A stone as it was typed in: numbers where they are numbers, and the words themselves where they are not. */
export type Stone = Record<string, number | string>;

export interface Prediction {
  price: number;
  range: { low: number; high: number; confidence: number } | null;
  model: { id: string; family: string };
  warnings: string[];
}

export interface Neighbour {
  carat: number;
  carat_difference: number;
  depth: number;
  table: number;
  price: number;
  x: number;
  y: number;
  z: number;
}

export interface Similar {
  requested: number;
  found: number;
  diamonds: Neighbour[];
}

export interface FieldError {
  field: string;
  message: string;
  value: string;
  allowed: string;
}

/** An answer that is none, with what to tell the visitor. */
export class Refusal extends Error {
  readonly errors: readonly FieldError[];
  readonly requestId: string | undefined;

  constructor(message: string, errors: readonly FieldError[] = [], requestId?: string) {
    super(message);
    this.errors = errors;
    this.requestId = requestId;
  }
}

/** What the stone is worth. */
export function predict(stone: Stone): Promise<Prediction> {
  return ask("/v1/predict", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(stone),
  });
}

/** The n real stones most like it. */
export function similar(stone: Stone, n: string): Promise<Similar> {
  const query = new URLSearchParams({ n });
  for (const name of ["carat", "cut", "color", "clarity"]) query.set(name, String(stone[name] ?? ""));
  return ask(`/v1/similar?${query}`);
}

async function ask<T>(path: string, init?: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch {
    throw new Refusal("The service cannot be reached. Check your connection and try again.");
  }
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok && body !== undefined) return body as T;
  const problem = (body ?? {}) as { detail?: string; errors?: FieldError[]; request_id?: string };
  const message =
    response.status >= 500
      ? "The service has a problem of its own. Try again in a moment."
      : (problem.detail ?? `The service answered with status ${response.status}.`);
  throw new Refusal(message, problem.errors ?? [], problem.request_id);
}
