import { useMemo } from "preact/hooks";
import type uPlot from "uplot";
import { axis, color, type Drawn, Plot, timeAxis } from "../parts/plot";
import { milliseconds } from "../format";

/** One sample of the service's statistics. */
export interface LatencySample {
  at_s: number;
  p50_ms: number;
  p99_ms: number;
  per_minute: number;
}

/** Latencies since this page was opened. */
export function LatencyChart({ samples }: { samples: readonly LatencySample[] }) {
  const data = useMemo<uPlot.AlignedData>(
    () => [samples.map(({ at_s }) => at_s), samples.map(({ p50_ms }) => p50_ms), samples.map(({ p99_ms }) => p99_ms)],
    [samples],
  );
  const options = useMemo(drawn, []);
  const last = samples.at(-1);
  return (
    <section class="card" aria-labelledby="latency-title">
      <h2 id="latency-title">Latency while you look</h2>
      <Plot
        height={200}
        options={options}
        data={data}
        label={last ? `Latency: median ${milliseconds(last.p50_ms)}, p99 ${milliseconds(last.p99_ms)} now` : "Latency"}
      />
      <ul class="key" aria-hidden="true">
        <li class="key-curve">median</li>
        <li class="key-p99">p99</li>
      </ul>
    </section>
  );
}

function drawn(): Drawn {
  return {
    legend: { show: false },
    cursor: { show: false },
    scales: {
      // At least one minute, so that the chart is steady from the first samples on.
      x: { time: true, range: ({ data: [at_s] }) => lastOf(at_s) },
      y: { range: (_, __, high) => [0, 1.15 * (high || 1)] },
    },
    axes: [timeAxis(), axis({ size: 64, values: (_, marks) => marks.map((ms) => `${ms} ms`) })],
    series: [
      {},
      { stroke: () => color("accent"), width: 2, points: { show: true, size: 5, fill: () => color("accent") } },
      { stroke: () => color("warm"), width: 1.5, points: { show: true, size: 5, fill: () => color("warm") } },
    ],
  };
}

function lastOf(at_s: ArrayLike<number>): [number, number] {
  const to = at_s[at_s.length - 1] ?? 0;
  return [Math.min(at_s[0] ?? to, to - 60), to];
}
