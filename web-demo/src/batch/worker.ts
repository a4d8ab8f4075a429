/** A worker that prices a list, so that the page stays responsive. */

import { load, LoupeError, openTable } from "loupe-diamonds";
import { bytes, messageOf, sentence } from "../format";
import { type Outcome, price, rowsOf } from "./list";

/** The messages to the page. */
export type Report =
  | { kind: "progress"; done: number; rows: number }
  | { kind: "done"; outcome: Outcome }
  | { kind: "refused"; title: string; reason: string };

/** About three million stones. A tab has no memory for many more. */
const MOST_BYTES = 150e6;

const tell = (report: Report) => postMessage(report);

addEventListener("message", async ({ data }: MessageEvent<{ file: File; model?: Uint8Array<ArrayBuffer> }>) => {
  try {
    if (data.file.size > MOST_BYTES) {
      throw new LoupeError(`it has ${bytes(data.file.size)}; a page takes ${bytes(MOST_BYTES)}. “trainer predict” takes any`);
    }
    const [model, table] = await Promise.all([load(data.model), openTable(data.file)]);
    const rows = rowsOf(table);
    if (rows.length === 0) throw new LoupeError("the CSV has no row below its header");
    const outcome = await price(model, table, rows, async (done) => {
      tell({ kind: "progress", done, rows: rows.length });
      // Let the event loop run, so that a new message is received between two slices.
      await new Promise((resolve) => setTimeout(resolve, 0));
    });
    tell({ kind: "done", outcome });
  } catch (error) {
    const title = error instanceof LoupeError ? "This file is not a list of stones" : "This list could not be priced";
    tell({ kind: "refused", title, reason: sentence(messageOf(error)) });
  }
});
