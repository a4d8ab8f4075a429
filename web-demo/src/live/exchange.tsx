import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { type Exchange, exchange, Refusal, type Shown } from "../api";
import { Copy } from "../parts/copy";
import { Notice } from "../parts/notice";
import { bytes, moment } from "../format";
import { microseconds } from "./figures";
import { token } from "./token";

/** One exchange with its headers and bodies. */
export function Full({ id, close }: { id: string; close: () => void }) {
  const found = useSignal<Exchange | Refusal | undefined>(undefined);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
    exchange(token.peek(), id).then(
      (row) => (found.value = row),
      (error: unknown) => {
        if (!(error instanceof Refusal)) throw error;
        found.value = error;
      },
    );
  }, [id]);
  return (
    <dialog ref={dialog} class="exchange" aria-labelledby="exchange-title" onClose={close}>
      <div class="exchange-head">
        <h2 id="exchange-title">
          Request <code>{id}</code>
        </h2>
        <button type="button" class="plain small" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
      {!found.value && <p class="hint">Reading the journal.</p>}
      {found.value instanceof Refusal && <Notice title="It cannot be read">{found.value.message}</Notice>}
      {found.value && !(found.value instanceof Refusal) && <Told row={found.value} />}
    </dialog>
  );
}

function Told({ row }: { row: Exchange }) {
  const facts: [string, string | null][] = [
    ["Received", `${moment(row.received_at)} (${row.received_at})`],
    ["Status", String(row.status)],
    ["Took", microseconds(row.latency_us)],
    ["Model", row.model_id],
    ["Client", row.client],
    ["User agent", row.user_agent],
    ["Caller’s id", row.caller_request_id],
    ["Trace", row.trace_id],
  ];
  return (
    <>
      <p class="exchange-line">
        {row.method} {row.path}
        {row.query && `?${row.query}`}
      </p>
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value ?? "–"}</dd>
          </div>
        ))}
      </dl>
      <Body title="Request" type={row.request_type} body={row.request_body} length={row.request_bytes} cut={row.request_cut} />
      <Body title="Response" type={row.response_type} body={row.response_body} length={row.response_bytes} cut={row.response_cut} />
    </>
  );
}

interface BodyProps {
  title: string;
  type: string | null;
  body: Shown;
  length: number;
  cut: boolean;
}

function Body({ title, type, body, length, cut }: BodyProps) {
  const text = typeof body === "string" ? laidOut(body) : (body?.hexadecimal ?? "");
  return (
    <section aria-label={title}>
      <div class="exchange-head">
        <h3>
          {title} <span class="hint">{[type, bytes(length), cut ? "cut" : ""].filter(Boolean).join(", ")}</span>
        </h3>
        {text && <Copy text={text} what={`the ${title.toLowerCase()}`} />}
      </div>
      {text ? (
        <pre tabIndex={0} aria-label={`${title} body`}>
          {text}
        </pre>
      ) : (
        <p class="hint">No body.</p>
      )}
    </section>
  );
}

/** Indents JSON, and leaves anything else and truncated JSON as it is. */
function laidOut(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
