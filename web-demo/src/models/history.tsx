import type { RegisteredModel } from "../api";
import { Table } from "../parts/table";
import { bytes, moment } from "../format";
import { METRICS } from "./metric";

interface HistoryProps {
  models: readonly RegisteredModel[];
  serving: string | undefined;
  chosen: readonly string[];
  choose: (id: string, on: boolean) => void;
}

/** A table of all models, newest first, in which two can be chosen for comparison. */
export function History({ models, serving, chosen, choose }: HistoryProps) {
  return (
    <section class="card" aria-labelledby="history-title">
      <h2 id="history-title">History</h2>
      <p class="hint">Choose one to read its card, two to compare them.</p>
      <Table
        name="models"
        label="Models"
        titles={["[Chosen]", "Model", ...METRICS.map(({ title }) => title), "Size", "Trained"]}
      >
        {models.map((model) => (
          <tr key={model.id} class={model.champion ? "champion" : undefined}>
            <td>
              <input
                type="checkbox"
                aria-label={`${model.family} ${model.id}`}
                checked={chosen.includes(model.id)}
                onChange={(event) => choose(model.id, event.currentTarget.checked)}
              />
            </td>
            <th scope="row">
              {model.name ?? model.family} <code>{model.id}</code>
              {model.champion && <span class="badge">champion</span>}
              {model.id === serving && !model.champion && <span class="badge">serving</span>}
            </th>
            {METRICS.map(({ name, shown }) => {
              const value = model.metrics?.holdout?.[name];
              return <td key={name}>{typeof value === "number" ? shown(value) : "–"}</td>;
            })}
            <td>{bytes(model.bytes)}</td>
            <td>{moment(model.created_at)}</td>
          </tr>
        ))}
      </Table>
    </section>
  );
}
