/** Reads a list of stones from a file and prices it. */

import type { DiamondTable, FieldError, GoodRow, Loupe, Prediction, Priced, TableRow } from "loupe-diamonds";
import { csvLine } from "../parts/download";

const ADDED = ["estimated_price", "estimated_low", "estimated_high", "estimated_price_lists", "warnings", "error"];

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
  /** A sentence that names the columns that were ignored, or null. */
  ignored: string | null;
  /** The first priced and rejected rows. The download has all of them. */
  first_priced: PricedRow[];
  first_bad: BadRow[];
  csv: Blob;
  took_ms: number;
}

/** How many priced rows and how many rejected rows are shown. */
const SHOWN = 200;
/** How many rows are priced before the clock is read again. */
const SLICE = 500;

/** All rows of a table, which say how many there are to price. */
export function rowsOf(table: DiamondTable): TableRow[] {
  const rows: TableRow[] = [];
  for (let some = table.next(SLICE); some.length > 0; some = table.next(SLICE)) rows.push(...some);
  return rows;
}

/** Prices the rows of a table in their order, and calls `progress` with the number of rows done. */
export async function price(
  model: Loupe,
  { columns, ignoredSentence }: DiamondTable,
  rows: readonly TableRow[],
  progress: (done: number) => Promise<void>,
): Promise<Outcome> {
  const began_ms = performance.now();
  const outcome = { rows: rows.length, priced: 0, bad: 0, total_usd: 0, first_priced: [] as PricedRow[], first_bad: [] as BadRow[] };
  const parts = [csvLine([...columns, ...ADDED])];

  for (let start = 0; start < rows.length; start += SLICE) {
    const slice = rows.slice(start, start + SLICE);
    const good = slice.filter((row): row is GoodRow => "diamond" in row);
    const answers = model.predictBatch(good.map(({ diamond }) => diamond)).values();
    let part = "";
    for (const row of slice) {
      const answer = "diamond" in row ? (answers.next().value as Priced) : { error: row };
      const cells = Array.from(columns, (_, place) => row.cells[place] ?? "");
      if ("diamond" in row && "price" in answer) {
        outcome.priced++;
        outcome.total_usd += answer.price;
        if (outcome.first_priced.length < SHOWN) outcome.first_priced.push({ line: row.line, stone: named(row), prediction: answer });
        const warnings = answer.warnings.map(({ message }) => message).join("; ");
        const lists = (answer.price_lists ?? []).map(({ name, price }) => `${name}=${price.toFixed(2)}`).join("; ");
        part += csvLine([...cells, answer.price, answer.range?.low ?? "", answer.range?.high ?? "", lists, warnings, ""]);
      } else {
        const reason = "error" in answer ? reasonOf(answer.error.errors) : "has no price";
        outcome.bad++;
        if (outcome.first_bad.length < SHOWN) outcome.first_bad.push({ line: row.line, reason });
        part += csvLine([...cells, "", "", "", "", "", reason]);
      }
    }
    parts.push(part);
    await progress(start + slice.length);
  }
  const csv = new Blob(parts, { type: "text/csv" });
  return { ...outcome, ignored: ignoredSentence, csv, took_ms: performance.now() - began_ms };
}

function named({ diamond: { carat, cut, color, clarity } }: GoodRow): string {
  return `${carat} ct, ${cut}, ${color}, ${clarity}`;
}

function reasonOf(errors: readonly FieldError[]): string {
  // What is wrong with a whole row says best how many cells it should have; the row itself is in the download.
  const reason = ({ field, value, message, allowed }: FieldError) =>
    field === "row" ? `${message}; allowed: ${allowed}` : `${field}${value === "" ? "" : ` “${value}”`} ${message}`;
  return errors.map(reason).join("; ");
}
