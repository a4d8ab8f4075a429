import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type uPlot from "uplot";
import type { RegisteredModel } from "../api";
import { axis, color, type Drawn, faint, Plot, timeAxis } from "../parts/plot";
import { counted, moment } from "../format";
import { type Metric, METRICS } from "./metric";

/** A chart of one metric over time, for all models and for the champions. */
export function Progress({ models }: { models: readonly RegisteredModel[] }) {
  const metric = useSignal<Metric>(METRICS[0] as Metric);
  const under = useSignal<RegisteredModel | undefined>(undefined);
  const { name, title, meaning, less, shown } = metric.value;
  const judged = useMemo(
    () =>
      models
        .filter(({ metrics }) => typeof metrics?.holdout?.[name] === "number")
        .sort((one, other) => one.created_at.localeCompare(other.created_at)),
    [models, name],
  );
  const data = useMemo<uPlot.AlignedData>(() => {
    const values = judged.map(({ metrics }) => metrics?.holdout?.[name] as number);
    const champions = judged.map(({ promoted_at }, index) => (promoted_at ? (values[index] as number) : null));
    return [judged.map(({ created_at }) => Date.parse(created_at) / 1000), values, champions];
  }, [judged, name]);
  const options = useMemo(
    () => drawn(shown, (index) => (under.value = index === null || index === undefined ? undefined : judged[index])),
    [shown, judged],
  );
  if (judged.length === 0) return null;
  return (
    <section class="card" aria-labelledby="progress-title">
      <div class="bar-of-controls">
        <h2 id="progress-title">{title} on stones they never saw</h2>
        <div class="field short">
          <label class="unseen" for="metric">
            Metric
          </label>
          <select
            id="metric"
            value={name}
            onChange={(event) => {
              metric.value = METRICS.find(({ name }) => name === event.currentTarget.value) ?? metric.value;
            }}
          >
            {METRICS.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
        </div>
      </div>
      <p class="hint">
        {meaning} {less ? "Less" : "More"} is better.
      </p>
      <Plot
        height={240}
        options={options}
        data={data}
        label={`${title} of ${counted(judged.length, "model")} over time; the table below has the figures`}
      />
      <p class="readout hint" aria-hidden="true">
        {under.value
          ? `${under.value.family} ${under.value.id}, ${moment(under.value.created_at)}: ${shown(under.value.metrics?.holdout?.[name] ?? Number.NaN)}`
          : "Filled: became champion. Hollow: did not."}
      </p>
    </section>
  );
}

function drawn(shown: Metric["shown"], under: (index: number | null | undefined) => void): Drawn {
  const padded = (low: number, high: number): [number, number] => {
    const room = high > low ? 0.15 * (high - low) : Math.abs(high) * 0.1 || 1;
    return [low - room, high + room];
  };
  return {
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    scales: { x: { time: true, range: (_, from, to) => wide(from, to) }, y: { range: (_, low, high) => padded(low, high) } },
    axes: [timeAxis(), axis({ size: 64, values: (_, marks) => marks.map(shown) })],
    series: [
      {},
      { paths: () => null, points: { show: true, size: 8, stroke: () => color("quiet"), fill: () => color("card") } },
      {
        spanGaps: true,
        stroke: () => faint("accent", 0.5),
        width: 1.5,
        points: { show: true, size: 9, stroke: () => color("accent"), fill: () => color("accent") },
      },
    ],
    hooks: { setCursor: [(plot) => under(plot.cursor.idx)] },
  };
}

/** The time span with a margin at both ends; an hour if all models were made at the same time. */
function wide(from: number, to: number): [number, number] {
  const room = Math.max(1800, 0.04 * (to - from));
  return [from - room, to + room];
}
