import { type ReadonlySignal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type Exchange, exchanges, Refusal } from "../api";
import { Notice } from "../parts/notice";
import { Table } from "../parts/table";
import { timeOfDay } from "../format";
import { Full } from "./exchange";
import { microseconds } from "./figures";
import { token } from "./token";

const SHOWN = 50;
const DEBOUNCE_MS = 250;

const STATUSES = ["", "2xx", "3xx", "4xx", "5xx"] as const;

/** The journal, newest first. While it shows its first page, it reloads whenever `looks` changes. */
export function Log({ looks }: { looks: ReadonlySignal<unknown> }) {
  const search = useSignal("");
  const status = useSignal("");
  const rows = useSignal<readonly Exchange[] | undefined>(undefined);
  const next = useSignal<string | null>(null);
  const refusal = useSignal<Refusal | undefined>(undefined);
  const open = useSignal<string | undefined>(undefined);
  const deeper = useSignal(false);

  const ask = async (after: string | null) => {
    const filter = { search: search.peek(), status: status.peek(), limit: String(SHOWN), after: after ?? "" };
    try {
      const found = await exchanges(token.peek(), filter);
      if (filter.search !== search.peek() || filter.status !== status.peek()) return;
      rows.value = after ? [...(rows.peek() ?? []), ...found.requests] : found.requests;
      next.value = found.next;
      refusal.value = undefined;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refusal.value = error;
    }
  };
  useEffect(() => {
    deeper.value = false;
    const timer = setTimeout(() => void ask(null), DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [search.value, status.value]);
  useEffect(() => {
    if (!deeper.peek() && rows.peek()) void ask(null);
  }, [looks.value]);

  return (
    <section class="card" aria-labelledby="log-title">
      <h2 id="log-title">Log</h2>
      <div class="bar-of-controls">
        <div class="field">
          <label for="search">Search</label>
          <input
            id="search"
            type="search"
            placeholder="in paths, bodies and ids"
            value={search.value}
            onInput={(event) => (search.value = event.currentTarget.value)}
          />
        </div>
        <div class="field short">
          <label for="status">Status</label>
          <select id="status" value={status.value} onChange={(event) => (status.value = event.currentTarget.value)}>
            {STATUSES.map((name) => (
              <option key={name} value={name}>
                {name === "" ? "all" : name}
              </option>
            ))}
          </select>
        </div>
      </div>
      {refusal.value && <Notice title="The log cannot be read">{refusal.value.message}</Notice>}
      {rows.value?.length === 0 && (
        <Notice tone="quiet" title="Nothing matches">
          {search.value || status.value ? "No request in the journal matches." : "The journal is empty."}
        </Notice>
      )}
      {rows.value && rows.value.length > 0 && (
        <Table name="log" label="Requests" titles={["Time", "Status", "Request", "Took", "[In full]"]}>
          {rows.value.map(({ id, received_at, status, method, path, query, latency_us }) => (
            <tr key={id} class={open.value === id ? "open" : undefined}>
              <td>{timeOfDay(received_at)}</td>
              <td>
                <span class={`status s${String(status).charAt(0)}`}>{status}</span>
              </td>
              <th scope="row">
                {method} {path}
                {query && <span class="hint">?{query}</span>}
              </th>
              <td>{microseconds(latency_us)}</td>
              <td>
                <button type="button" class="plain small" aria-label={`Open request ${id}`} onClick={() => (open.value = id)}>
                  Open
                </button>
              </td>
            </tr>
          ))}
        </Table>
      )}
      {next.value && (
        <button
          type="button"
          class="plain"
          onClick={() => {
            deeper.value = true;
            void ask(next.value);
          }}
        >
          Show earlier requests
        </button>
      )}
      {open.value && <Full id={open.value} close={() => (open.value = undefined)} />}
    </section>
  );
}
