/** A table of diamonds in text. */

import { LoupeError, type FieldError } from "./errors.js";
import { bytes, type Bytes } from "./file.js";
import type { Prediction, Priced } from "./types.js";
import { asLoupeError, unwrap } from "./wasm.js";
import { Table as WasmTable, type Model } from "./wasm/loupe.js";

/** A column that is not read. */
export interface IgnoredColumn {
  name: string;
  /** The column that may be meant. */
  like: string | null;
}

/** A row of a table: its price, or what is wrong with it. */
export type TableRow = Priced & {
  /** The line where it begins; the first line of the file is 1. */
  line: number;
  /** Its cells as written. A row with an error may have fewer than the header, or more. */
  cells: string[];
};

/** A table of diamonds. {@link Loupe.openTable} makes one. */
export class DiamondTable {
  /** The names of the columns. */
  readonly columns: readonly string[];
  /** The columns that are not a diamond's. */
  readonly ignored: readonly IgnoredColumn[];
  /** A sentence that names the ignored columns; null without any. */
  readonly ignoredSentence: string | null;
  /** How many rows there are below the header. */
  readonly rows: number;
  readonly #table: WasmTable;
  readonly #model: Model;
  readonly #name: { id: string; family: string };

  /** @internal Use `openTable`. */
  constructor(text: Bytes | string, model: Model, name: { id: string; family: string }) {
    const read = typeof text === "string" ? new TextEncoder().encode(text) : bytes(text);
    this.#table = asLoupeError(() => new WasmTable(read));
    const { columns, ignored, sentence, rows } = this.#table.about() as {
      columns: string[];
      ignored: IgnoredColumn[];
      sentence: string | null;
      rows: number;
    };
    this.columns = columns;
    this.ignored = ignored;
    this.ignoredSentence = sentence;
    this.rows = rows;
    this.#model = model;
    this.#name = name;
  }

  /**
   * Prices the next rows, in their order; none at the end of the table.
   *
   * @param count the most rows.
   */
  next(count: number): TableRow[] {
    const rows = this.#table.next(this.#model, count) as [number, string[], Answer][];
    return rows.map(([line, cells, answer]) =>
      "errors" in answer
        ? { line, cells, error: LoupeError.of(answer.errors) }
        : { line, cells, ...unwrap(answer), model: this.#name },
    );
  }
}

/** The answers of the wasm. */
type Answer = Omit<Prediction, "model"> | { errors: FieldError[] };
