/** A worker that prices a list, so that the page stays responsive. */

import { load, type Loupe, LoupeError } from "loupe-diamonds";
import { bytes, messageOf } from "../format";
import { type Outcome, price, Unreadable } from "./list";

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
      throw new Unreadable(`It has ${bytes(data.file.size)}; a page takes ${bytes(MOST_BYTES)}. “trainer predict” takes any.`);
    }
    const [model, text] = await Promise.all([load(data.model), data.file.arrayBuffer()]);
    const table = open(model, text);
    const outcome = await price(table, async (done) => {
      tell({ kind: "progress", done, rows: table.rows });
      // Let the event loop run, so that a new message is received between two slices.
      await new Promise((resolve) => setTimeout(resolve, 0));
    });
    tell({ kind: "done", outcome });
  } catch (error) {
    const title = error instanceof Unreadable ? "This file is not a list of stones" : "This list could not be priced";
    tell({ kind: "refused", title, reason: messageOf(error) });
  }
});

function open(model: Loupe, text: ArrayBuffer) {
  try {
    return model.openTable(text);
  } catch (error) {
    if (!(error instanceof LoupeError)) throw error;
    throw new Unreadable(`${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}.`);
  }
}
