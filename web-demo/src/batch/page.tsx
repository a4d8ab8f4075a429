/** Prices a file of stones, in this browser. */

import { signal } from "@preact/signals";
import { useRef, useState } from "preact/hooks";
import { served, settled } from "../engine";
import { csvLine, download } from "../parts/download";
import { Notice } from "../parts/notice";
import { count, counted, dollars, milliseconds } from "../words";
import type { Outcome } from "./list";
import type { Report } from "./worker";

type State =
  | { kind: "empty" }
  | { kind: "working"; name: string; done: number; rows: number | undefined }
  | { kind: "done"; name: string; outcome: Outcome }
  | { kind: "refused"; title: string; reason: string };

/** Outlives the page, so that a list goes on while another page is looked at. */
const state = signal<State>({ kind: "empty" });
let worker: Worker | undefined;

export function Page() {
  const now = state.value;
  return (
    <div class="one-column">
      <Drop />
      {now.kind === "working" && <Working {...now} />}
      {now.kind === "refused" && <Notice title={now.title}>{now.reason}</Notice>}
      {now.kind === "done" && <Done name={now.name} outcome={now.outcome} />}
    </div>
  );
}

function Drop() {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer?.files[0];
    if (file) begin(file);
  };
  return (
    <section
      class={`card drop ${over ? "over" : ""}`}
      aria-label="The list"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <p class="drop-title">Drop a CSV of stones here</p>
      <p class="hint">
        A header with carat, cut, color and clarity; depth, table, x, y and z where they were measured; other columns stay as
        they are. Nothing leaves this computer.
      </p>
      <p class="buttons">
        <button type="button" onClick={() => input.current?.click()}>
          Choose a file
        </button>
        <button type="button" class="plain" onClick={example}>
          Download an example
        </button>
      </p>
      <input
        ref={input}
        type="file"
        class="unseen"
        tabIndex={-1}
        aria-label="A CSV of stones"
        accept=".csv,.txt,text/csv,text/plain"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          // So that the same file can be chosen again, once mended.
          event.currentTarget.value = "";
          if (file) begin(file);
        }}
      />
    </section>
  );
}

function Working({ name, done, rows }: { name: string; done: number; rows: number | undefined }) {
  return (
    <section class="card" aria-label="At work">
      <p role="status">
        {rows === undefined ? `Reading ${name}.` : `${count(done)} of ${counted(rows, "stone")} priced.`}
      </p>
      <progress max={rows ?? 1} value={rows === undefined ? undefined : done} aria-label="Stones priced" />
      <button type="button" class="plain" onClick={stop}>
        Stop
      </button>
    </section>
  );
}

function Done({ name, outcome }: { name: string; outcome: Outcome }) {
  const { rows, priced, bad, total_usd, took_ms, first_priced, first_bad, csv } = outcome;
  return (
    <>
      <section class="card" aria-labelledby="batch-title">
        <h2 id="batch-title">{name}</h2>
        <dl class="figures">
          <Figure name="Worth in all" value={dollars(total_usd)} />
          <Figure name="Priced" value={count(priced)} />
          <Figure name="Not priced" value={count(bad)} />
          <Figure name="Took" value={milliseconds(took_ms)} />
        </dl>
        <p class="buttons">
          <button type="button" onClick={() => download(pricedName(name), csv)}>
            Download with prices
          </button>
        </p>
        <p class="hint">
          {counted(rows, "row")}, in the order of the file, with estimated_price, estimated_low, estimated_high and error added.
        </p>
      </section>
      {bad > 0 && (
        <section class="card" aria-labelledby="bad-title">
          <h2 id="bad-title">{counted(bad, "row")} without a price</h2>
          <div class="scrolls" tabIndex={0} role="region" aria-label="Rows without a price">
            <table class="reasons">
              <thead>
                <tr>
                  <th scope="col">Line</th>
                  <th scope="col">Reason</th>
                </tr>
              </thead>
              <tbody>
                {first_bad.map(({ line, reason }) => (
                  <tr key={line}>
                    <th scope="row">{count(line)}</th>
                    <td>{reason}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <Rest shown={first_bad.length} all={bad} />
        </section>
      )}
      {priced > 0 && (
        <section class="card" aria-labelledby="priced-title">
          <h2 id="priced-title">{counted(priced, "stone")} with a price</h2>
          <div class="scrolls" tabIndex={0} role="region" aria-label="Stones with a price">
            <table class="stones">
              <thead>
                <tr>
                  <th scope="col">Stone</th>
                  <th scope="col">Price</th>
                  <th scope="col">From</th>
                  <th scope="col">To</th>
                  <th scope="col">Line</th>
                </tr>
              </thead>
              <tbody>
                {first_priced.map(({ line, stone, prediction: { price, range } }) => (
                  <tr key={line}>
                    <th scope="row">{stone}</th>
                    <td>{dollars(price)}</td>
                    <td>{range ? dollars(range.low) : "–"}</td>
                    <td>{range ? dollars(range.high) : "–"}</td>
                    <td>{count(line)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <Rest shown={first_priced.length} all={priced} />
        </section>
      )}
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

function Rest({ shown, all }: { shown: number; all: number }) {
  return shown < all ? <p class="hint">The first {count(shown)}; the download has all {count(all)}.</p> : null;
}

function begin(file: File): void {
  worker?.terminate();
  const mine = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  worker = mine;
  const { name } = file;
  state.value = { kind: "working", name, done: 0, rows: undefined };
  const end = (last: State) => {
    mine.terminate();
    if (worker !== mine) return;
    worker = undefined;
    state.value = last;
  };
  mine.addEventListener("message", ({ data }: MessageEvent<Report>) => {
    if (data.kind === "progress") state.value = { ...data, kind: "working", name };
    else if (data.kind === "done") end({ kind: "done", name, outcome: data.outcome });
    else end(data);
  });
  mine.addEventListener("error", () =>
    end({ kind: "refused", title: "This list could not be priced", reason: "The page's worker did not start. Reload the page and try again." }),
  );
  // The list is priced by the model that all pages price by.
  void settled.then(() => mine.postMessage({ file, model: served.peek() }));
}

function stop(): void {
  worker?.terminate();
  worker = undefined;
  state.value = { kind: "empty" };
}

function pricedName(name: string): string {
  return `${name.replace(/\.[^.]*$/, "")}-priced.csv`;
}

function example(): void {
  const lines = [
    ["stock_number", "carat", "cut", "color", "clarity", "depth", "table"],
    ["A-1001", 0.7, "Ideal", "G", "VS1", 61.4, 57],
    ["A-1002", 1.01, "Premium", "E", "SI1", 60.8, 58],
    ["A-1003", 0.33, "Very Good", "D", "VVS2", "", ""],
    ["A-1004", 2.02, "Good", "I", "SI2", 63.1, 56],
  ];
  download("stones.csv", new Blob(lines.map(csvLine), { type: "text/csv" }));
}
