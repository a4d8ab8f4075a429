/** The common interface of web workers and Node's worker threads. */

import type { Worker as NodeWorker } from "node:worker_threads";

/** A web worker, or one of `node:worker_threads`. */
export interface AnyWorker {
  /** Sends it a message. */
  postMessage(message: unknown): void;
  /** Terminates it. */
  terminate(): unknown;
  /** Makes it keep the process alive, in Node. */
  ref?(): void;
  /** Lets the process end while it runs, in Node. */
  unref?(): void;
}

const NOT_LOADED =
  "its script could not be loaded: is worker-entry.js served, as JavaScript, and allowed by `worker-src` of the page's policy?";

const NOT_BUNDLED = "; keep loupe-diamonds out of the bundle (--external:loupe-diamonds for esbuild) and install it";

/** @internal Listens to a worker's messages, and to its end or failure. */
export function listen(worker: AnyWorker, said: (message: unknown) => void, failed: (why: string) => void): void {
  const unreadable = () => failed("the worker sent what cannot be read here");
  if (isOfNode(worker)) {
    worker.on("message", said);
    worker.on("messageerror", unreadable);
    worker.on("error", ({ message, code }) => failed(`the worker failed: ${message}${code?.endsWith("MODULE_NOT_FOUND") ? NOT_BUNDLED : ""}`));
    worker.on("exit", (status) => failed(`the worker ended with status ${status}`));
  } else {
    const web = worker as Worker;
    web.addEventListener("message", ({ data }) => said(data));
    web.addEventListener("messageerror", unreadable);
    web.addEventListener("error", ({ message }) => failed(`the worker failed: ${message || NOT_LOADED}`));
  }
}

function isOfNode(worker: AnyWorker): worker is NodeWorker {
  return !("addEventListener" in worker) && "on" in worker;
}
