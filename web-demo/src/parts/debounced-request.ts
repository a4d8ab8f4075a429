import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Refusal, type Reply } from "../api";

/** How long a hand must rest before the service is asked. */
const DEBOUNCE_MS = 150;

/** What the service has said last. */
export interface RequestState<T> {
  reply?: Reply<T>;
  refusal?: Refusal;
  /** Whether that is about what is asked now. */
  isCurrent: boolean;
}

/** Asks the service once the hand rests, again whenever what it is about changes, and never hears an answer that comes too late. */
export function useDebouncedRequest<T>(ask: (signal: AbortSignal) => Promise<Reply<T>>, about: readonly unknown[]): RequestState<T> {
  const heard = useSignal<RequestState<T>>({ isCurrent: false });
  useEffect(() => {
    const stop = new AbortController();
    heard.value = { ...heard.peek(), isCurrent: false };
    const resting = setTimeout(async () => {
      try {
        heard.value = { reply: await ask(stop.signal), isCurrent: true };
      } catch (error) {
        if (stop.signal.aborted) return;
        if (!(error instanceof Refusal)) throw error;
        heard.value = { refusal: error, isCurrent: true };
      }
    }, DEBOUNCE_MS);
    return () => {
      clearTimeout(resting);
      stop.abort();
    };
  }, about);
  return heard.value;
}
