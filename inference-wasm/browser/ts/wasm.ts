/** Starts the wasm once, and unwraps its answers. */

import { LoupeError, type FieldError } from "./errors.js";
import { own, type Bytes } from "./file.js";
import { starter } from "./starter.js";
import bind from "./wasm/loupe.js";

/** `WebAssembly.Module`, if the platform's types declare it; those of Node alone do not. */
export type WasmModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer Module } } } ? Module : never;

/** The sources of the wasm. A string is an address relative to the page. */
export type WasmSource = URL | string | Bytes | WasmModule | Response | Promise<Response>;

// Written as a literal, so that bundlers find the file and include it.
const start = starter(bind, () => own("loupe.wasm", () => new URL("./wasm/loupe_bg.wasm", import.meta.url)));

/**
 * Starts the wasm. Calling it again returns the same promise, whatever the source; after a failure it starts
 * again. `load` and `loadSamples` call it, so call it yourself only to load the wasm from elsewhere.
 *
 * @param source a URL, bytes, a compiled module or a response. The default is the package's own wasm.
 *
 * @example
 * ```js
 * await init("https://cdn.example/loupe_bg.wasm");
 * ```
 */
export function init(source?: WasmSource): Promise<void> {
  return start(source);
}

/** @internal Returns an answer, or throws the error in it. */
export function unwrap<T extends object>(answer: T | { errors: FieldError[] }): T {
  if ("errors" in answer) throw LoupeError.of(answer.errors);
  return answer;
}

/** @internal Returns what the wasm made of some bytes, or throws its error. */
export function asLoupeError<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new LoupeError(error instanceof Error ? error.message : String(error));
  }
}
