/** The result of a priced list. */

import { download } from "../parts/download";
import { Table } from "../parts/table";
import { count, counted, money, milliseconds, sentence } from "../format";
import type { BadRow, Outcome, PricedRow } from "./list";

export function Done({ name, outcome }: { name: string; outcome: Outcome }) {
  const { rows, priced, bad, total_usd, ignored, took_ms, first_priced, first_bad, csv } = outcome;
  return (
    <>
      <section class="card" aria-labelledby="batch-title">
        <h2 id="batch-title">{name}</h2>
        <dl class="figures">
          <Figure name="Worth in all" value={money(total_usd)} />
          <Figure name="Priced" value={count(priced)} />
          <Figure name="Not priced" value={count(bad)} />
          <Figure name="Took" value={milliseconds(took_ms)} />
        </dl>
        {ignored !== null && <p>{sentence(ignored)}</p>}
        <p class="buttons">
          <button type="button" onClick={() => download(pricedName(name), csv)}>
            Download with prices
          </button>
        </p>
        <p class="hint">
          {counted(rows, "row")}, in the order of the file, with estimated_price, estimated_low, estimated_high, estimated_price_lists, warnings and error
          added.
        </p>
      </section>
      {bad > 0 && <Bad rows={first_bad} all={bad} />}
      {priced > 0 && <Priced rows={first_priced} all={priced} />}
    </>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Bad({ rows, all }: { rows: readonly BadRow[]; all: number }) {
  return (
    <section class="card" aria-labelledby="bad-title">
      <h2 id="bad-title">{counted(all, "row")} without a price</h2>
      <Table name="reasons" label="Rows without a price" titles={["Line", "Reason"]}>
        {rows.map(({ line, reason }) => (
          <tr key={line}>
            <th scope="row">{count(line)}</th>
            <td>{reason}</td>
          </tr>
        ))}
      </Table>
      <Rest shown={rows.length} all={all} />
    </section>
  );
}

function Priced({ rows, all }: { rows: readonly PricedRow[]; all: number }) {
  return (
    <section class="card" aria-labelledby="priced-title">
      <h2 id="priced-title">{counted(all, "stone")} with a price</h2>
      <Table name="stones" label="Stones with a price" titles={["Stone", "Price", "From", "To", "Line"]}>
        {rows.map(({ line, stone, prediction: { price, range } }) => (
          <tr key={line}>
            <th scope="row">{stone}</th>
            <td>{money(price)}</td>
            <td>{range ? money(range.low) : "–"}</td>
            <td>{range ? money(range.high) : "–"}</td>
            <td>{count(line)}</td>
          </tr>
        ))}
      </Table>
      <Rest shown={rows.length} all={all} />
    </section>
  );
}

function Rest({ shown, all }: { shown: number; all: number }) {
  return shown < all ? <p class="hint">The first {count(shown)}; the download has all {count(all)}.</p> : null;
}

function pricedName(name: string): string {
  return `${name.replace(/\.[^.]*$/, "")}-priced.csv`;
}
