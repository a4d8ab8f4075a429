/** A channel to a worker, which sends calls and receives replies in any order. */

import type { WorkerMethods, Call, Reply } from "./worker-methods.js";
import { LoupeError } from "./errors.js";
import { fromSendable } from "./sendable-error.js";
import { listen, type AnyWorker } from "./thread.js";

interface Waiting {
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** The page's end of the channel. */
export class WorkerChannel {
  readonly #worker: AnyWorker;
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;
  #ended: LoupeError | undefined;

  constructor(worker: AnyWorker) {
    this.#worker = worker;
    listen(worker, (message) => this.#take(message as Reply), (why) => this.end(new LoupeError(why)));
  }

  /** Calls a method of the worker. */
  call<Method extends keyof WorkerMethods>(method: Method, ...parameters: Parameters<WorkerMethods[Method]>) {
    return new Promise<Awaited<ReturnType<WorkerMethods[Method]>>>((resolve, reject) => {
      if (this.#ended) throw this.#ended;
      const call: Call = { id: (this.#calls += 1), method, parameters };
      try {
        this.#worker.postMessage(call);
      } catch (error) {
        throw new LoupeError(`this cannot be sent to a worker: ${String(error)}; give plain objects`);
      }
      this.#waiting.set(call.id, { resolve: resolve as Waiting["resolve"], reject });
      this.#worker.ref?.();
    });
  }

  /** Terminates the worker and rejects pending calls. */
  end(error: LoupeError): void {
    if (this.#ended) return;
    this.#ended = error;
    void this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  #take(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    if (!this.#waiting.delete(reply.id)) return;
    // A thread of Node keeps the process alive, which it should only do while a call is pending.
    if (this.#waiting.size === 0) this.#worker.unref?.();
    if ("result" in reply) waiting?.resolve(reply.result);
    else waiting?.reject("refused" in reply ? fromSendable(reply.refused) : reply.thrown);
  }
}
