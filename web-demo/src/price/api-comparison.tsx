/** Shows the API's price next to the one computed in the browser. */

import { useSignal } from "@preact/signals";
import { predict, type Priced, type Reply } from "../api";
import { answer } from "../engine";
import { useDebouncedRequest } from "../parts/debounced-request";
import { Copy } from "../parts/copy";
import { Notice } from "../parts/notice";
import { Switch } from "../parts/switch";
import { diamond } from "../stone/stone";
import { cents, milliseconds } from "../format";

export function ApiComparison() {
  const on = useSignal(false);
  return (
    <section class="card api-comparison" aria-label="The same from the API">
      <Switch label="Ask the API, too" on={on.value} turn={(value) => (on.value = value)} />
      {on.value && <RequestState />}
    </section>
  );
}

function RequestState() {
  const stone = diamond.value;
  const { reply, refusal, isCurrent } = useDebouncedRequest((signal) => predict(stone, signal), [stone]);
  const curl = `curl -s '${location.origin}/v1/predict?explain=true' -H 'content-type: application/json' -d '${JSON.stringify(stone)}'`;
  return (
    <div class="asked" aria-busy={!isCurrent}>
      {refusal && (
        <Notice title={refusal.status === 0 ? "The API cannot be reached" : "The API refuses this stone"}>
          {refusal.message}
        </Notice>
      )}
      {!refusal && <Comparison reply={reply} current={isCurrent} />}
      <div class="command">
        <code tabIndex={0} aria-label="The request as a command">
          {curl}
        </code>
        <Copy text={curl} what="the command" />
      </div>
      <p class="hint request-id">
        Request <code>{reply?.requestId ?? refusal?.requestId ?? "…"}</code>
      </p>
    </div>
  );
}

function Comparison({ reply, current }: { reply: Reply<Priced> | undefined; current: boolean }) {
  const here = answer.value;
  return (
    <>
      <dl class="comparison">
        <div>
          <dt>This browser</dt>
          <dd>
            <b>{here.kind === "priced" ? cents(here.prediction.price) : "–"}</b>
            <span class="hint">{here.kind === "priced" ? milliseconds(here.took_ms) : ""}</span>
          </dd>
        </div>
        <div>
          <dt>The API</dt>
          <dd>
            <b>{reply ? cents(reply.body.price) : "…"}</b>
            <span class="hint">{reply ? `${milliseconds(reply.took_ms)}, there and back` : ""}</span>
          </dd>
        </div>
      </dl>
      {reply && current && here.kind === "priced" ? (
        <Verdict here={here.prediction} there={reply.body} />
      ) : (
        <p class="verdict" role="status" />
      )}
    </>
  );
}

type Told = Pick<Priced, "price" | "model">;

function Verdict({ here, there }: { here: Told; there: Told }) {
  const same = here.price === there.price;
  const models =
    here.model.id === there.model.id
      ? "Not the same, which should never happen: please tell us."
      : `Two models: the service runs ${there.model.id} (${there.model.family}), this page ${here.model.id} (${here.model.family}).`;
  return (
    <p class={`verdict ${same ? "same" : ""}`} role="status">
      {same ? "The same, to the cent." : models}
    </p>
  );
}
