/** Reads a list of stones from a file and prices it. */

import type { DiamondTable, LoupeError, Prediction } from "loupe-diamonds";
import { csvLine } from "../parts/download";

const FOUR_CS = ["carat", "cut", "color", "clarity"];
const ADDED = ["estimated_price", "estimated_low", "estimated_high", "warnings", "error"];

/** A row of the file that could not be priced. */
export interface BadRow {
  line: number;
  reason: string;
}

/** A row that was priced. */
export interface PricedRow {
  line: number;
  stone: string;
  prediction: Prediction;
}

/** The result of pricing a list. */
export interface Outcome {
  rows: number;
  priced: number;
  bad: number;
  total_usd: number;
  /** A sentence that names the ignored columns. */
  ignored: string | null;
  /** The first priced and rejected rows. The download has all of them. */
  first_priced: PricedRow[];
  first_bad: BadRow[];
  csv: Blob;
  took_ms: number;
}

/** The file is not a list of stones; the message says why. */
export class Unreadable extends Error {
  override readonly name = "Unreadable";
}

/** How many priced rows and how many rejected rows are shown. */
const SHOWN = 200;
/** How many rows are priced before the clock is read again. */
const SLICE = 500;

/** Prices a table in its order, and calls `progress` with the number of rows done. */
export async function price(table: DiamondTable, progress: (done: number) => Promise<void>): Promise<Outcome> {
  const began_ms = performance.now();
  const { columns, rows, ignoredSentence: ignored } = table;
  if (rows === 0) throw new Unreadable("There is a header and no stone below it.");
  const names = columns.map((name) => name.toLowerCase());
  const outcome = { rows, priced: 0, bad: 0, total_usd: 0, ignored, first_priced: [] as PricedRow[], first_bad: [] as BadRow[] };
  const parts = [csvLine([...columns, ...ADDED])];

  let done = 0;
  for (let slice; (slice = table.next(SLICE)).length > 0; ) {
    let part = "";
    for (const row of slice) {
      const { line, cells } = row;
      if ("price" in row) {
        outcome.priced++;
        outcome.total_usd += row.price;
        if (outcome.first_priced.length < SHOWN) {
          const words = FOUR_CS.map((field) => cells[names.indexOf(field)]?.trim());
          outcome.first_priced.push({ line, stone: `${words[0]} ct, ${words.slice(1).join(", ")}`, prediction: row });
        }
        const warnings = row.warnings.map(({ message }) => message).join("; ");
        part += csvLine([...padded(cells, columns.length), row.price, row.range?.low ?? "", row.range?.high ?? "", warnings, ""]);
      } else {
        const reason = reasonOf(row.error);
        outcome.bad++;
        if (outcome.first_bad.length < SHOWN) outcome.first_bad.push({ line, reason });
        part += csvLine([...padded(cells, columns.length), "", "", "", "", reason]);
      }
    }
    parts.push(part);
    done += slice.length;
    await progress(done);
  }
  const csv = new Blob(parts, { type: "text/csv" });
  return { ...outcome, csv, took_ms: performance.now() - began_ms };
}

function padded(cells: readonly string[], width: number): string[] {
  return Array.from({ length: width }, (_, place) => cells[place] ?? "");
}

function reasonOf({ errors, message }: LoupeError): string {
  if (errors.length === 0) return message;
  return errors.map(({ field, value, message }) => `${field}${value === "" ? "" : ` “${value}”`} ${message}`).join("; ");
}
