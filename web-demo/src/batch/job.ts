/** The list that is being priced, and its result. It outlives the page, so that the visitor can look at another one meanwhile. */

import { signal } from "@preact/signals";
import { served, settled } from "../engine";
import type { Outcome } from "./list";
import type { Report } from "./worker";

export type Job =
  | { kind: "none" }
  | { kind: "working"; name: string; done: number; rows: number | undefined }
  | { kind: "done"; name: string; outcome: Outcome }
  | { kind: "refused"; title: string; reason: string };

export const job = signal<Job>({ kind: "none" });

let worker: Worker | undefined;

/** Prices a file, and cancels the one that is being priced. */
export function begin(file: File): void {
  worker?.terminate();
  const mine = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  worker = mine;
  const { name } = file;
  job.value = { kind: "working", name, done: 0, rows: undefined };
  const end = (last: Job) => {
    mine.terminate();
    if (worker !== mine) return;
    worker = undefined;
    job.value = last;
  };
  mine.addEventListener("message", ({ data }: MessageEvent<Report>) => {
    if (data.kind === "done") end({ kind: "done", name, outcome: data.outcome });
    else if (data.kind === "refused") end(data);
    else if (worker === mine) job.value = { ...data, kind: "working", name };
  });
  const reason = "The page's worker did not start. Reload the page and try again.";
  mine.addEventListener("error", () => end({ kind: "refused", title: "This list could not be priced", reason }));
  // Use the same model as all pages.
  void settled.then(() => mine.postMessage({ file, model: served.peek() }));
}

/** Cancels the running job. */
export function stop(): void {
  worker?.terminate();
  worker = undefined;
  job.value = { kind: "none" };
}
