/** A model card: what a model is for, its metrics, and its limits. */

import type { ComponentChildren } from "preact";
import type { Metrics, ModelInfo } from "loupe-diamonds";
import type { RegisteredModel } from "../api";
import { Table } from "../parts/table";
import { bytes, count, money, moment, percent } from "../format";
import { explained } from "../stone/price-list";
import { METRICS } from "./metric";

/** The card of a model in the registry. */
export function Card({ model }: { model: RegisteredModel }) {
  const { id, created_at, metrics, nodes, dataset_sha256, seed } = model;
  const interval = metrics?.interval;
  const params = Object.entries(model.params ?? {}).filter(([, value]) => typeof value !== "object");
  return (
    <Frame model={model} figures={`${count(nodes)} nodes in ${bytes(model.bytes)}; trained ${moment(created_at)}.`}>
      <Scores
        scores={[
          ["held out", metrics?.holdout],
          ["cross-validated", metrics?.cv],
          ["training", metrics?.train],
        ]}
      />
      {interval?.holdout_coverage !== undefined && (
        <p>
          Its range is meant to hold {percent(interval.confidence, 0)} of stones, and held{" "}
          {percent(interval.holdout_coverage)} of those held out
          {interval.holdout_coverage_without_list !== undefined &&
            `, and ${percent(interval.holdout_coverage_without_list)} without their price list`}
          {interval.mean_width_usd !== undefined && `; it is ${money(interval.mean_width_usd)} wide on average`}.
        </p>
      )}
      {params.length > 0 && (
        <details>
          <summary>Settings</summary>
          <dl class="facts">
            {params.map(([name, value]) => (
              <div key={name}>
                <dt>{name.replaceAll("_", " ")}</dt>
                <dd>{String(value)}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
      <p class="hint">
        {dataset_sha256 && (
          <>
            Data <code>{dataset_sha256.slice(0, 16)}</code>.{" "}
          </>
        )}
        {seed !== null && `Seed ${seed}. `}
        The card in full: <code>trainer card {id}</code>
      </p>
    </Frame>
  );
}

/** The card of the model that is part of this page. */
export function BundledCard({ model }: { model: ModelInfo }) {
  return (
    <Frame model={model} figures={`${count(model.nodes)} nodes in ${bytes(model.bytes)}; it came with this page.`}>
      <Scores scores={[["held out", model.holdout ?? undefined]]} />
    </Frame>
  );
}

interface FrameProps {
  model: Pick<ModelInfo, "id" | "family" | "prices_in" | "price_lists">;
  figures: string;
  children: ComponentChildren;
}

function Frame({ model: { id, family, prices_in, price_lists }, figures, children }: FrameProps) {
  return (
    <section class="card model-card" aria-labelledby="card-title">
      <h2 id="card-title">
        Model card: {family} <code>{id}</code>
      </h2>
      <p>
        {figures}
        {price_lists.length > 0 &&
          ` It knows the price lists ${price_lists.join(", ")}. ${explained(price_lists)} Its errors are those for stones in their list.`}
      </p>
      {children}
      <h3>What it is for</h3>
      <p>
        A first opinion on the price of a round, polished, natural stone by its four Cs, to be checked by someone who has
        the stone in hand.
      </p>
      <h3>Where not to trust it</h3>
      <ul>
        {prices_in && <li>Prices are in {prices_in}: compare stones by it, and mind what has changed since.</li>}
        <li>It knows nothing of fluorescence, shape, certificate or setting, which all move a price.</li>
        <li>Few stones above 2.5 carats taught it; its range is wide there, and should be.</li>
        <li>An estimate is not an appraisal, and no ground to refuse or insure a stone by itself.</li>
      </ul>
    </section>
  );
}

function Scores({ scores }: { scores: readonly (readonly [on: string, metrics: Metrics | undefined])[] }) {
  const given = scores.flatMap(([on, metrics]) => (metrics ? [{ on, metrics }] : []));
  if (given.length === 0) return <p class="hint">It has no scores, because it was imported.</p>;
  return (
    <Table name="scores" label="How well it does" titles={["Stones", ...METRICS.map(({ title }) => title), "Number"]}>
      {given.map(({ on, metrics }) => (
        <tr key={on}>
          <th scope="row">{on}</th>
          {METRICS.map(({ name, shown }) => (
            <td key={name}>{shown(metrics[name])}</td>
          ))}
          <td>{count(metrics.n)}</td>
        </tr>
      ))}
    </Table>
  );
}
