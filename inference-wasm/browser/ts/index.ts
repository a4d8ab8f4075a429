/**
 * Prices diamonds offline, with the same model and the same prices as the HTTP API.
 *
 * Importing this has no side effects: no globals, no files, no network. So it is safe in code that renders pages
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
export { openTable, DiamondTable, type BadRow, type GoodRow, type IgnoredColumn, type TableOptions, type TableRow } from "./table.js";
export { LoupeError, type FieldError } from "./errors.js";
export type { Bytes } from "./file.js";
export type * from "./types.js";
