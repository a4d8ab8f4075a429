/**
 * Prices diamonds offline, with the same model and the same prices as the HTTP API.
 *
 * Importing this does nothing: it touches no global, reads no file and asks no network, so it is safe where pages are rendered
 * on a server. `load` does the work.
 *
 * @example
 * ```js
 * import { load } from "loupe-diamonds";
 *
 * const loupe = await load();
 * const { price, range } = loupe.predict({ carat: 0.7, cut: "Ideal", color: "G", clarity: "VS1" });
 * ```
 *
 * @packageDocumentation
 */

export { load, Loupe } from "./loupe.js";
export { init, type WasmModule, type WasmSource } from "./wasm.js";
export { loadSamples, type SamplesSource } from "./sample-index.js";
export { LoupeError, type FieldError } from "./errors.js";
export type { Bytes } from "./file.js";
export type * from "./types.js";
