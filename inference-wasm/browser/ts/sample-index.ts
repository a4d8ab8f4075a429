/** The stones of the data set, for finding similar ones. */

import { LoupeError } from "./errors.js";
import { bytesOf, own, type FileSource } from "./file.js";
import { init, asLoupeError } from "./wasm.js";
import { SampleIndex } from "./wasm/loupe.js";

/** The sources of samples. A string is an address relative to the page. */
export type SamplesSource = FileSource;

let samples: SampleIndex | undefined;
let lastLoad: Promise<number> | undefined;

/**
 * Loads the stones of the data set for `similar` and `ofKind` of every `Loupe`: those of the package, or others. Calling
 * it again without a source does nothing.
 *
 * @param source the output of `trainer data samples`: a URL, bytes or a response. The default is the package's own.
 * @returns the number of stones.
 * @throws {@link LoupeError} if the bytes are not samples.
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

/** @internal The stones, or an error that says how to load them. */
export function loaded(): SampleIndex {
  if (!samples) throw new LoupeError("no samples are loaded; call `await loadSamples()` first");
  return samples;
}

async function decodeSamples(source?: SamplesSource): Promise<number> {
  await init();
  // Written as a literal, so that bundlers find the file and include it.
  const loaded = await bytesOf(source ?? own("samples.loupe", () => new URL("./samples.loupe", import.meta.url)));
  const next = asLoupeError(() => new SampleIndex(loaded));
  samples?.free();
  samples = next;
  return next.length;
}
