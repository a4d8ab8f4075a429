import type { RegisteredModel } from "../api";
import { bytes, count, moment } from "../format";
import { METRICS } from "./metric";

/** A table that compares two models. */
export function Comparison({ first, second }: { first: RegisteredModel; second: RegisteredModel }) {
  const n = [first, second].map(({ metrics }) => metrics?.holdout?.n);
  return (
    <section class="card" aria-labelledby="comparison-title">
      <h2 id="comparison-title">Side by side</h2>
      <div class="scrolls" tabIndex={0} role="region" aria-label="Figures of both">
        <table class="compared">
          <thead>
            <tr>
              <td />
              {[first, second].map(({ id, family, champion }) => (
                <th scope="col" key={id}>
                  {family} <code>{id}</code>
                  {champion && <span class="badge">champion</span>}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {METRICS.map(({ name, title, less, shown }) => {
              const values = [first, second].map(({ metrics }) => metrics?.holdout?.[name]);
              return (
                <tr key={name}>
                  <th scope="row">{title}</th>
                  {values.map((value, index) => (
                    <td key={index} class={isBetter(value, values[1 - index], less) ? "better" : undefined}>
                      {typeof value === "number" ? shown(value) : "–"}
                    </td>
                  ))}
                </tr>
              );
            })}
            <Fact title="Held-out stones" values={n.map((value) => (value === undefined ? "–" : count(value)))} />
            <Fact title="Nodes" values={[count(first.nodes), count(second.nodes)]} />
            <Fact title="Size" values={[bytes(first.bytes), bytes(second.bytes)]} />
            <Fact title="Trained" values={[moment(first.created_at), moment(second.created_at)]} />
            <Fact title="Data" values={[first, second].map((model) => model.dataset_sha256?.slice(0, 12) ?? "–")} />
          </tbody>
        </table>
      </div>
      {n[0] !== n[1] && (
        <p class="hint">They were judged on different stones, so small differences may be the stones’ and not the models’.</p>
      )}
    </section>
  );
}

function Fact({ title, values }: { title: string; values: readonly string[] }) {
  return (
    <tr>
      <th scope="row">{title}</th>
      {values.map((value, index) => (
        <td key={index}>{value}</td>
      ))}
    </tr>
  );
}

function isBetter(value: number | undefined, other: number | undefined, less: boolean): boolean {
  if (value === undefined || other === undefined || value === other) return false;
  return less ? value < other : value > other;
}
