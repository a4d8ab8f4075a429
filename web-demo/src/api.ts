/** Requests to the HTTP API that serves this page. */

import type { Explanation, FieldError, FourCs, Metrics, Prediction, Similar } from "loupe-diamonds";
import { connected } from "./offline";
import type { DiamondFields } from "./stone/stone";

/** A response of the API, and the time it took. */
export interface Reply<T> {
  body: T;
  requestId: string | undefined;
  took_ms: number;
}

export type Priced = Prediction & { explanation?: Explanation; request_id: string };

/** A model in the registry. */
export interface RegisteredModel {
  id: string;
  family: string;
  name: string | null;
  created_at: string;
  champion: boolean;
  promoted_at: string | null;
  metrics: { train?: Metrics; holdout?: Metrics; cv?: Metrics; interval?: IntervalMetrics } | null;
  params: Record<string, unknown> | null;
  dataset_sha256: string | null;
  seed: number | null;
  blob_sha256: string;
  bytes: number;
  nodes: number;
  prices_in: string | null;
  price_lists: string[];
}

/** How well a model's ranges cover held-out prices. */
export interface IntervalMetrics {
  confidence: number;
  holdout_coverage?: number;
  /** For a model that knows price lists: without them. */
  holdout_coverage_without_list?: number;
  mean_width_usd?: number;
}

export interface Models {
  serving: { id: string; family: string; released: boolean; trouble: string | null } | null;
  champion: string | null;
  models: RegisteredModel[];
}

/** Statistics on the requests of one route, or of all routes. */
export interface Figures {
  requests: number;
  statuses: Record<string, number>;
  error_rates: { "4xx": number; "5xx": number };
  latency_us: { p50: number; p90: number; p99: number; max: number } | null;
}

export interface Stats {
  window: { minutes: number; from: string; to: string; rows: number; complete: boolean; requests_per_minute: number };
  all: Figures;
  routes: Record<string, Figures>;
  totals: { requests: number; latency_us_mean: number | null };
}

/** The body of a request or response, as the journal returns it. */
export type Shown = string | { hexadecimal: string } | null;

/** An exchange in the journal. */
export interface Exchange {
  id: string;
  received_at: string;
  method: string;
  path: string;
  query: string | null;
  route: string | null;
  status: number;
  latency_us: number;
  request_type: string | null;
  request_body: Shown;
  request_bytes: number;
  request_cut: boolean;
  response_type: string | null;
  response_body: Shown;
  response_bytes: number;
  response_cut: boolean;
  model_id: string | null;
  client: string | null;
  user_agent: string | null;
  caller_request_id: string | null;
  trace_id: string | null;
}

export interface Exchanges {
  requests: Exchange[];
  next: string | null;
}

/** A request that failed, with a message for the visitor. */
export class Refusal extends Error {
  override readonly name = "Refusal";

  constructor(
    message: string,
    /** The HTTP status, or 0 if the service could not be reached. */
    readonly status: number,
    readonly errors: readonly FieldError[] = [],
    readonly requestId?: string,
  ) {
    super(message);
  }
}

/** Requests the price of a stone and its explanation. */
export function predict(stone: DiamondFields, signal?: AbortSignal): Promise<Reply<Priced>> {
  return ask("/v1/predict?explain=true", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(stone),
    ...(signal ? { signal } : {}),
  });
}

/** Requests the n real stones most similar to one. */
export function similar({ carat, cut, color, clarity }: FourCs, n: number, signal?: AbortSignal): Promise<Reply<Similar>> {
  const query = new URLSearchParams({ carat: String(carat), cut, color, clarity, n: String(n) });
  return ask(`/v1/similar?${query}`, signal ? { signal } : {});
}

/** Requests all models in the registry. */
export async function models(): Promise<Models> {
  return (await ask<Models>("/v1/models")).body;
}

/** The id of the model that the service runs. It comes from a probe, which leaves no row in the journal. */
export async function serving(signal: AbortSignal): Promise<string | null> {
  return (await ask<{ model: string | null }>("/readyz", { signal })).body.model;
}

/** Downloads a model from the registry. */
export async function blob(id: string, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  const response = await reach(`/v1/models/${encodeURIComponent(id)}/blob`, { signal });
  if (!response.ok) throw await refusal(response);
  return new Uint8Array(await response.arrayBuffer());
}

/** Requests the journal's statistics. */
export async function stats(token: string, minutes: number): Promise<Stats> {
  return (await ask<Stats>(`/v1/stats?minutes=${minutes}`, operator(token))).body;
}

/** Requests a page of the journal. */
export async function exchanges(token: string, filter: Record<string, string>): Promise<Exchanges> {
  const given = Object.entries(filter).filter(([, value]) => value !== "");
  return (await ask<Exchanges>(`/v1/requests?${new URLSearchParams(given)}`, operator(token))).body;
}

/** Requests one exchange with its bodies. */
export async function exchange(token: string, id: string): Promise<Exchange> {
  return (await ask<Exchange>(`/v1/requests/${encodeURIComponent(id)}`, operator(token))).body;
}

function operator(token: string): RequestInit {
  return { headers: { authorization: `Bearer ${token}` } };
}

async function ask<T>(path: string, init: RequestInit = {}): Promise<Reply<T>> {
  const asked_ms = performance.now();
  const response = await reach(path, init);
  if (!response.ok) throw await refusal(response);
  const body = (await response.json()) as T;
  return { body, requestId: requestIdOf(response), took_ms: performance.now() - asked_ms };
}

async function reach(path: string, init: RequestInit = {}): Promise<Response> {
  try {
    const response = await fetch(path, init);
    connected.value = true;
    return response;
  } catch (error) {
    if (init.signal?.aborted) throw error;
    // Some browsers report a network after a page was reloaded without one.
    connected.value = false;
    throw new Refusal("The service cannot be reached. This page still computes prices without it.", 0);
  }
}

async function refusal(response: Response): Promise<Refusal> {
  const problem = (await response.json().catch(() => ({}))) as { detail?: string; errors?: FieldError[] };
  const message =
    response.status >= 500
      ? "The service failed. Try again in a moment."
      : (problem.detail ?? `The service answered with status ${response.status}.`);
  return new Refusal(message, response.status, problem.errors ?? [], requestIdOf(response));
}

function requestIdOf(response: Response): string | undefined {
  return response.headers.get("x-request-id") ?? undefined;
}
