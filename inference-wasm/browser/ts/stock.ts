/** The stones of the data set, to look up those that are most like one. */

import { LoupeError } from "./errors.js";
import { bytesOf, own, type FileSource } from "./file.js";
import { init, refusable } from "./wasm.js";
import { Stock } from "./wasm/loupe.js";

/** Where samples can come from. A text is an address, relative to the page. */
export type SamplesSource = FileSource;

let stock: Stock | undefined;
let stocked: Promise<number> | undefined;

/**
 * Makes the stones of the data set ready for `similar` and `ofKind` of every `Loupe`: those of the package, or others. Calling
 * it again without a source does nothing.
 *
 * @param source what `trainer data samples` wrote: a URL, bytes or a response; without it the package's own.
 * @returns how many stones there are.
 * @throws {@link LoupeError} when the bytes are no samples.
 *
 * @example
 * ```js
 * await loadSamples();
 * const { diamonds } = loupe.similar({ carat: 0.7, cut: "Ideal", color: "G", clarity: "VS1" }, 10);
 * ```
 */
export function loadSamples(source?: SamplesSource): Promise<number> {
  if (source === undefined && stocked) return stocked;
  const loading = takeStock(source).catch((error: unknown) => {
    if (stocked === loading) stocked = undefined;
    throw error;
  });
  stocked = loading;
  return loading;
}

/** @internal The stones, or what to do to have them. */
export function loaded(): Stock {
  if (!stock) throw new LoupeError("no samples are loaded; call `await loadSamples()` first");
  return stock;
}

async function takeStock(source?: SamplesSource): Promise<number> {
  await init();
  // Spelt out, so that bundlers see the file and carry it along.
  const loaded = await bytesOf(source ?? own("samples.loupe", new URL("./samples.loupe", import.meta.url)));
  const next = refusable(() => new Stock(loaded));
  stock?.free();
  stock = next;
  return next.length;
}
