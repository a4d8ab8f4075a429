/** The page of real stones similar to the one in the form. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { FourCs, Similar } from "loupe-diamonds";
import { similar } from "../api";
import { CurveChart } from "../curve/chart";
import { faults, loupe, refusals, samples, ensureSamples, stonesOfKind } from "../engine";
import { useDebouncedRequest } from "../parts/debounced-request";
import { csvLine, download } from "../parts/download";
import { Notice } from "../parts/notice";
import { Switch } from "../parts/switch";
import { StonePanel } from "../stone/panel";
import { diamond } from "../stone/stone";
import { counted, messageOf, milliseconds } from "../format";
import { explained } from "../stone/price-list";
import { alsoListed, StonesTable } from "./table";

const MOST = 100;

export function Page() {
  useEffect(() => void ensureSamples(), []);
  const wanted = useSignal("5");
  const fromApi = useSignal(false);
  const n = Number(wanted.value);
  const isCount = Number.isInteger(n) && n >= 1 && n <= MOST;
  return (
    <div class="two-columns">
      <StonePanel />
      <section class="card similar" aria-labelledby="similar-title">
        <h2 id="similar-title">Same cut, color and clarity, nearest in weight</h2>
        <div class="bar-of-controls">
          <div class="field short">
            <label for="n">How many</label>
            <input
              id="n"
              type="text"
              inputMode="numeric"
              autoComplete="off"
              value={wanted.value}
              aria-invalid={isCount ? undefined : "true"}
              aria-describedby={isCount ? undefined : "n-error"}
              onInput={(event) => (wanted.value = event.currentTarget.value.trim())}
            />
          </div>
          <Switch label="Ask the API" on={fromApi.value} turn={(on) => (fromApi.value = on)} />
        </div>
        {!isCount && (
          <p class="error" id="n-error">
            “{wanted.value}” must be a whole number from 1 to {MOST}.
          </p>
        )}
        {isCount && (fromApi.value ? <FromApi n={n} /> : <FromHere n={n} />)}
      </section>
    </div>
  );
}

/** Results from the samples in this browser. */
function FromHere({ n }: { n: number }) {
  if (samples.value instanceof Error) {
    return (
      <Notice title="The real stones did not load" action={{ name: "Try again", run: () => void ensureSamples() }}>
        {messageOf(samples.value)}
      </Notice>
    );
  }
  if (typeof samples.value !== "number" || !loupe.value) return <p class="hint">Loading the real stones.</p>;
  try {
    const asked_ms = performance.now();
    const found = loupe.value.similar(diamond.value as FourCs, n);
    return <Found found={found} how={`Found in this browser in ${milliseconds(performance.now() - asked_ms)}.`} />;
  } catch (error) {
    refusals(error);
    return <FixField />;
  }
}

/** Results from the service, requested once the input has been still for a moment. */
function FromApi({ n }: { n: number }) {
  const { carat, cut, color, clarity } = diamond.value;
  const { reply, refusal } = useDebouncedRequest(
    (signal) => similar({ carat, cut, color, clarity } as FourCs, n, signal),
    [carat, cut, color, clarity, n],
  );
  if (refusal?.status === 0) return <Notice title="The API cannot be reached">{refusal.message}</Notice>;
  if (refusal) return faults.value.size > 0 ? <FixField /> : <Notice title="The API refuses">{refusal.message}</Notice>;
  if (!reply) return <p class="hint">Asking the API.</p>;
  const how = `Found by the API in ${milliseconds(reply.took_ms)}, there and back; request ${reply.requestId}.`;
  return <Found found={reply.body} how={how} />;
}

function FixField() {
  return <Notice tone="quiet" title="No stones yet">Correct the marked field to see the stones again.</Notice>;
}

function Found({ found, how }: { found: Similar; how: string }) {
  const { diamonds, requested } = found;
  if (diamonds.length === 0) {
    return (
      <Notice tone="quiet" title="No real stone of this kind">
        The data has none of this cut, color and clarity. Try a neighboring grade.
      </Notice>
    );
  }
  const lists = diamonds.flatMap(({ price_list }) => price_list ?? []);
  const few = diamonds.length < requested ? ` There are no more of this kind.` : "";
  return (
    <>
      <p class="hint" role="status">
        {counted(diamonds.length, "stone")}. {how}
        {few}
      </p>
      <StonesTable diamonds={diamonds} />
      {lists.length > 0 && <p class="hint">{explained(lists)}</p>}
      <button type="button" class="plain" onClick={() => save(found)}>
        Download as CSV
      </button>
      {loupe.value && (
        <CurveChart
          model={loupe.value}
          stones={stonesOfKind.value}
          chosen={new Set(diamonds.map(({ id }) => id))}
          height={300}
        />
      )}
    </>
  );
}

const COLUMNS = ["id", "carat", "cut", "color", "clarity", "depth", "table", "price", "x", "y", "z", "carat_difference", "price_list"] as const;

function save({ diamonds }: Similar): void {
  const lines = diamonds.map((diamond) =>
    csvLine([...COLUMNS.map((column) => diamond[column] ?? ""), alsoListed(diamond.also_listed ?? [], String)]),
  );
  download("similar-diamonds.csv", new Blob([csvLine([...COLUMNS, "also_listed"]), ...lines], { type: "text/csv" }));
}
