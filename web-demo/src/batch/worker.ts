/** A worker that prices a list, so that the page stays responsive. */

import { load } from "loupe-diamonds";
import { bytes, messageOf } from "../format";
import { type Outcome, price, read, Unreadable } from "./list";

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
    const [model, text] = await Promise.all([load(data.model), data.file.text()]);
    const list = read(text);
    const outcome = await price(model, list, async (done) => {
      tell({ kind: "progress", done, rows: list.rows.length });
      // Let the event loop run, so that a new message is received between two slices.
      await new Promise((resolve) => setTimeout(resolve, 0));
    });
    tell({ kind: "done", outcome });
  } catch (error) {
    const title = error instanceof Unreadable ? "This file is not a list of stones" : "This list could not be priced";
    tell({ kind: "refused", title, reason: messageOf(error) });
  }
});
