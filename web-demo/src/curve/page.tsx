/** The page that plots price against weight: the model's curve, its range, and real stones. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Sample } from "loupe-diamonds";
import { loupe, samples, ensureSamples, stonesOfKind, trouble } from "../engine";
import { Notice } from "../parts/notice";
import { StonePanel } from "../stone/panel";
import { kind } from "../stone/stone";
import { carats, counted, decimals, money, messageOf } from "../format";
import { CurveChart } from "./chart";

export function Page() {
  useEffect(() => void ensureSamples(), []);
  const shown = useSignal<Sample | undefined>(undefined);
  return (
    <div class="two-columns">
      <StonePanel />
      <section class="card curve" aria-labelledby="curve-title">
        <h2 id="curve-title">{kind.value}</h2>
        <Chart show={(stone) => (shown.value = stone)} />
        <Readout stone={shown.value} />
      </section>
    </div>
  );
}

function Chart({ show }: { show: (stone: Sample | undefined) => void }) {
  const model = loupe.value;
  if (trouble.value) return <Notice title="The model did not load">{trouble.value}</Notice>;
  if (!model) return <div class="chart" aria-busy="true" />;
  const stones = stonesOfKind.value;
  return (
    <>
      <CurveChart model={model} stones={stones} show={show} />
      {samples.value instanceof Error && (
        <Notice title="The real stones did not load" action={{ name: "Try again", run: () => void ensureSamples() }}>
          {messageOf(samples.value)}
        </Notice>
      )}
    </>
  );
}

/** The stone under the pointer or chosen by keyboard, as text. */
function Readout({ stone }: { stone: Sample | undefined }) {
  const number = typeof samples.value === "number" ? stonesOfKind.value.length : undefined;
  return (
    <p class="readout" role="status">
      {stone ? (
        <>
          <b>{money(stone.price)}</b> · {carats(stone.carat)} ct · depth {decimals(stone.depth, 1)} % · table{" "}
          {decimals(stone.table, 0)} % · {decimals(stone.x, 2)} × {decimals(stone.y, 2)} × {decimals(stone.z, 2)} mm
          {stone.price_list && ` · list ${stone.price_list}`}
        </>
      ) : (
        <span class="hint">
          {number === undefined
            ? "Loading the real stones."
            : number === 0
              ? "No real stone of this kind is in the data: the curve is the model's alone."
              : `${counted(number, "real stone")} of this kind. Point at one, or focus the chart and press ← or →.`}
        </span>
      )}
    </p>
  );
}
