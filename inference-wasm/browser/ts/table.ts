/** Reads a table of diamonds, by the rules of the trainer and the HTTP API. */

import { LoupeError, type FieldError } from "./errors.js";
import { bytes, own, type Bytes } from "./file.js";
import { starter } from "./starter.js";
import type { Diamond } from "./types.js";
import type { WasmSource } from "./wasm.js";
import bind, { Table } from "./wasm/table.js";

// Written as a literal, so that bundlers find the file and include it.
const start = starter(bind, () => own("table.wasm", () => new URL("./wasm/table_bg.wasm", import.meta.url)));

/** Options of {@link openTable}. */
export interface TableOptions {
  /** Columns of other names, and the fields that they are: `{ "Carat Weight": "carat" }`, as `trainer --map` has it. */
  map?: Readonly<Record<string, keyof Diamond | "price">>;
  /** Where to load the wasm from, if not from the package. Only the first call loads it. */
  wasm?: WasmSource;
}

/** A column that is not read. */
export interface IgnoredColumn {
  /** Its name; empty if it has none. */
  name: string;
  /** The field that may be meant, or null. */
  like: string | null;
}

/** A row with its diamond, or a row that is wrong. */
export type TableRow = GoodRow | BadRow;

/** A row with its diamond. */
export interface GoodRow {
  /** The line of the file where it begins; the first is 1. */
  line: number;
  /** Its cells as written, without quotes. */
  cells: string[];
  /** The diamond, for `predictBatch`. */
  diamond: Diamond;
}

/** A row that is wrong. It affects no other row. */
export interface BadRow {
  /** The line of the file where it begins; the first is 1. */
  line: number;
  /** Its cells as written, as far as they could be read. */
  cells: string[];
  /** Every field that is wrong; `row` if that is the whole row. */
  errors: FieldError[];
}

/** What the wasm says of a header. */
interface About {
  columns: string[];
  ignored: IgnoredColumn[];
  ignored_sentence: string | null;
  separator: "," | ";" | "\t";
}

/**
 * Opens a table of diamonds in text: CSV with commas, semicolons or tabs. The first line names the columns, in any order and
 * case. Carat, cut, color and clarity are required. The first call loads a second wasm.
 *
 * @param source the bytes of the file, or the file itself.
 * @throws {@link LoupeError} if the file is not a table in text, naming every column that is missing or there twice.
 *
 * @example
 * ```js
 * const table = await openTable(file);
 * for (let rows = table.next(1_000); rows.length > 0; rows = table.next(1_000)) console.log(rows[0].line);
 * ```
 */
export async function openTable(source: Bytes | Blob, { map = {}, wasm }: TableOptions = {}): Promise<DiamondTable> {
  const isBlob = typeof Blob === "function" && source instanceof Blob;
  const [content] = await Promise.all([isBlob ? source.arrayBuffer() : (source as Bytes), start(wasm)]);
  return DiamondTable.of(bytes(content), Object.entries(map).map(([from, to]) => `${from}=${to}`).join("\n"));
}

/** A table of diamonds. {@link openTable} opens one. */
export class DiamondTable {
  /** The names of the columns, as the header has them. */
  readonly columns: readonly string[];
  /** The columns that are not read. */
  readonly ignored: readonly IgnoredColumn[];
  /** A sentence that names them, without a capital or a full stop; null if there are none. */
  readonly ignoredSentence: string | null;
  /** The sign between two cells. */
  readonly separator: "," | ";" | "\t";
  #table: Table | undefined;

  private constructor(table: Table) {
    this.#table = table;
    const { columns, ignored, ignored_sentence, separator } = table.about() as About;
    this.columns = columns;
    this.ignored = ignored;
    this.ignoredSentence = ignored_sentence;
    this.separator = separator;
  }

  /** @internal Use `openTable`. */
  static of(content: Uint8Array, renames: string): DiamondTable {
    return new DiamondTable(opened(content, renames));
  }

  /**
   * The next rows in the order of the file, at most `count`. An empty list is the end. Blank lines are passed over.
   *
   * @param count how many, at least 1.
   */
  next(count: number): TableRow[] {
    const rows = (this.#table?.next(count) ?? []) as TableRow[];
    if (rows.length === 0) {
      // The copy of the file in the wasm's memory is needed no longer.
      this.#table?.free();
      this.#table = undefined;
    }
    return rows;
  }
}

function opened(content: Uint8Array, renames: string): Table {
  try {
    return new Table(content, renames);
  } catch (thrown) {
    const refused = thrown as Error | { errors: FieldError[] };
    throw "errors" in refused ? LoupeError.of(refused.errors) : new LoupeError(refused.message);
  }
}
