/** Reads a list of stones from a file and prices it. */

import type { Diamond, Loupe, LoupeError, Prediction } from "loupe-diamonds";
import Papa from "papaparse";
import { csvLine } from "../parts/download";

const REQUIRED = ["carat", "cut", "color", "clarity"] as const;
const NUMBERS: readonly string[] = ["carat", "depth", "table", "x", "y", "z"];
const FIELDS: readonly string[] = [...REQUIRED, "depth", "table", "x", "y", "z"];
const ADDED = ["estimated_price", "estimated_low", "estimated_high", "warnings", "error"];
/** Numbers are decimal: 0x46 is none. */
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

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

interface Row {
  line: number;
  cells: string[];
}

/** The rows of a file below its header. */
export interface List {
  header: string[];
  /** Whether a comma is the decimal sign, as behind semicolons. */
  hasDecimalCommas: boolean;
  rows: Row[];
}

/** How many priced rows and how many rejected rows are shown. */
const SHOWN = 200;
/** How many rows are priced before the clock is read again. */
const SLICE = 500;

/** Reads a file, with quotes, other delimiters or a byte order mark. */
export function read(text: string): List {
  if (text.startsWith("PK")) throw new Unreadable("This is a workbook or an archive, not a CSV. Save the sheet as CSV first.");
  const { data, errors, meta } = Papa.parse<string[]>(text.replace(/^\uFEFF/, ""), { skipEmptyLines: false });
  const torn = errors.find(({ type }) => type === "Quotes");
  if (torn) throw new Unreadable(`A quote is opened and never closed, at row ${(torn.row ?? 0) + 1}.`);
  const rows: Row[] = [];
  let line = 1;
  for (const cells of data) {
    if (cells.some((cell) => cell.trim() !== "")) rows.push({ line, cells });
    line += 1 + cells.reduce((breaks, cell) => breaks + (cell.match(/\r\n|\r|\n/g)?.length ?? 0), 0);
  }
  const header = rows.shift()?.cells.map((name) => name.trim());
  if (!header) throw new Unreadable("The file is empty.");
  const names = header.map((name) => name.toLowerCase());
  const missing = REQUIRED.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    throw new Unreadable(
      `The first line must name the columns; ${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} not among them. Found: ${header.slice(0, 12).join(", ") || "nothing"}.`,
    );
  }
  const twice = FIELDS.find((field) => names.indexOf(field) !== names.lastIndexOf(field));
  if (twice) throw new Unreadable(`Two columns are called ${twice}.`);
  if (rows.length === 0) throw new Unreadable("There is a header and no stone below it.");
  return { header, hasDecimalCommas: meta.delimiter === ";", rows };
}

/** Prices a list in its order, and calls `progress` with the number of rows done. */
export async function price(model: Loupe, { header, hasDecimalCommas, rows }: List, progress: (done: number) => Promise<void>): Promise<Outcome> {
  const began_ms = performance.now();
  const names = header.map((name) => name.toLowerCase());
  const places = FIELDS.map((field) => [field, names.indexOf(field)] as const).filter(([, place]) => place >= 0);
  const outcome = { rows: rows.length, priced: 0, bad: 0, total_usd: 0, first_priced: [] as PricedRow[], first_bad: [] as BadRow[] };
  const parts = [csvLine([...header, ...ADDED])];

  for (let start = 0; start < rows.length; start += SLICE) {
    const slice = rows.slice(start, start + SLICE);
    const answers = model.predictBatch(slice.map(({ cells }) => stone(places, cells, hasDecimalCommas)));
    let part = "";
    for (const [index, { line, cells }] of slice.entries()) {
      const answer = answers[index];
      const extra = cells.length > header.length ? `has ${cells.length} cells, and the header ${header.length}` : undefined;
      if (answer && "price" in answer && !extra) {
        outcome.priced++;
        outcome.total_usd += answer.price;
        if (outcome.first_priced.length < SHOWN) {
          const words = FIELDS.slice(0, 4).map((field) => cells[names.indexOf(field)]?.trim());
          outcome.first_priced.push({ line, stone: `${words[0]} ct, ${words.slice(1).join(", ")}`, prediction: answer });
        }
        const warnings = answer.warnings.map(({ message }) => message).join("; ");
        part += csvLine([...padded(cells, header.length), answer.price, answer.range?.low ?? "", answer.range?.high ?? "", warnings, ""]);
      } else {
        const reason = extra ?? (answer && "error" in answer ? reasonOf(answer.error) : "has no price");
        outcome.bad++;
        if (outcome.first_bad.length < SHOWN) outcome.first_bad.push({ line, reason });
        part += csvLine([...padded(cells, header.length), "", "", "", "", reason]);
      }
    }
    parts.push(part);
    await progress(start + slice.length);
  }
  const csv = new Blob(parts, { type: "text/csv" });
  return { ...outcome, csv, took_ms: performance.now() - began_ms };
}

function stone(places: readonly (readonly [string, number])[], cells: readonly string[], hasDecimalCommas: boolean): Diamond {
  const fields: Record<string, number | string> = {};
  for (const [field, place] of places) {
    const text = cells[place]?.trim() ?? "";
    if (text === "") continue;
    const decimal = hasDecimalCommas ? text.replace(",", ".") : text;
    fields[field] = NUMBERS.includes(field) && DECIMAL.test(decimal) ? Number(decimal) : text;
  }
  // Any type of value: the package says what is wrong with it.
  return fields as unknown as Diamond;
}

function padded(cells: readonly string[], width: number): string[] {
  return Array.from({ length: width }, (_, place) => cells[place] ?? "");
}

function reasonOf({ errors, message }: LoupeError): string {
  if (errors.length === 0) return message;
  return errors.map(({ field, value, message }) => `${field}${value === "" ? "" : ` “${value}”`} ${message}`).join("; ");
}
