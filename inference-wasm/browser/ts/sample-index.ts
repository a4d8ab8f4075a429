/** The stones of the data set, to look up those that are most like one. */

import { LoupeError } from "./errors.js";
import { bytesOf, own, type FileSource } from "./file.js";
import { init, asLoupeError } from "./wasm.js";
import { SampleIndex } from "./wasm/loupe.js";

/** Where samples can come from. A text is an address, relative to the page. */
export type SamplesSource = FileSource;

let samples: SampleIndex | undefined;
let lastLoad: Promise<number> | undefined;

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
  if (source === undefined && lastLoad) return lastLoad;
  const loading = decodeSamples(source).catch((error: unknown) => {
    if (lastLoad === loading) lastLoad = undefined;
    throw error;
  });
  lastLoad = loading;
  return loading;
}

/** @internal The stones, or what to do to have them. */
export function loaded(): SampleIndex {
  if (!samples) throw new LoupeError("no samples are loaded; call `await loadSamples()` first");
  return samples;
}

async function decodeSamples(source?: SamplesSource): Promise<number> {
  await init();
  // Spelt out, so that bundlers see the file and carry it along.
  const loaded = await bytesOf(source ?? own("samples.loupe", new URL("./samples.loupe", import.meta.url)));
  const next = asLoupeError(() => new SampleIndex(loaded));
  samples?.free();
  samples = next;
  return next.length;
}
