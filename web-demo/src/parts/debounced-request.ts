import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Refusal, type Reply } from "../api";

/** How long the input must be still before a request is sent. */
const DEBOUNCE_MS = 150;

/** The last response of the service. */
export interface RequestState<T> {
  reply?: Reply<T>;
  refusal?: Refusal;
  /** Whether the response belongs to the current input. */
  isCurrent: boolean;
}

/** Sends a request once the input has been still, and again whenever `about` changes. A response to earlier input is dropped. */
export function useDebouncedRequest<T>(ask: (signal: AbortSignal) => Promise<Reply<T>>, about: readonly unknown[]): RequestState<T> {
  const state = useSignal<RequestState<T>>({ isCurrent: false });
  useEffect(() => {
    const stop = new AbortController();
    state.value = { ...state.peek(), isCurrent: false };
    const timer = setTimeout(async () => {
      try {
        state.value = { reply: await ask(stop.signal), isCurrent: true };
      } catch (error) {
        if (stop.signal.aborted) return;
        if (!(error instanceof Refusal)) throw error;
        state.value = { refusal: error, isCurrent: true };
      }
    }, DEBOUNCE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, about);
  return state.value;
}
