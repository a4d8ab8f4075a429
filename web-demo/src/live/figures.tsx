import type { Stats } from "../api";
import { count, decimals, milliseconds, percent } from "../format";

/** The figures of the chosen time window. */
export function Figures({ stats: { window, all, totals } }: { stats: Stats }) {
  const { latency_us, error_rates } = all;
  const latency = (us: number | undefined) => (us === undefined ? "–" : microseconds(us));
  return (
    <section class="card" aria-label="In numbers">
      <dl class="figures">
        <Figure name="Requests" value={count(all.requests)} note={`${decimals(Number(window.requests_per_minute.toFixed(1)), 0)} a minute`} />
        <Figure name="Median" value={latency(latency_us?.p50)} note={`p90 ${latency(latency_us?.p90)}`} />
        <Figure name="p99" value={latency(latency_us?.p99)} note={`at most ${latency(latency_us?.max)}`} />
        <Figure name="Refused" value={percent(error_rates["4xx"])} note="4xx: the caller’s" />
        <Figure name="Failed" value={percent(error_rates["5xx"])} note="5xx: ours" bad={error_rates["5xx"] > 0} />
        <Figure name="Ever" value={count(totals.requests)} note="since the database was made" />
      </dl>
      {!window.complete && <p class="hint">Only the newest {count(window.rows)} requests of the window are counted.</p>}
    </section>
  );
}

/** `0.25 ms` for 250 µs. */
export function microseconds(us: number): string {
  return us < 1000 ? `${(us / 1000).toFixed(2)} ms` : milliseconds(us / 1000);
}

function Figure({ name, value, note, bad = false }: { name: string; value: string; note: string; bad?: boolean }) {
  return (
    <div class={bad ? "bad" : undefined}>
      <dt>{name}</dt>
      <dd>
        {value}
        <span class="hint">{note}</span>
      </dd>
    </div>
  );
}
