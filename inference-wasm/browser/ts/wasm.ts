/** The wasm: started once, and what it answers. */

import { LoupeError, type FieldError } from "./errors.js";
import { bytesOf, own, type Bytes } from "./file.js";
import bind from "./wasm/loupe.js";

/** A `WebAssembly.Module`, where the types of the platform know of one: those of Node alone do not. */
export type WasmModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer Module } } } ? Module : never;

/** Where the wasm can come from. A text is an address, relative to the page. */
export type WasmSource = URL | string | Bytes | WasmModule | Response | Promise<Response>;

let started: Promise<void> | undefined;

/**
 * Starts the wasm. Calling it again does nothing and gives the same promise, whatever the source; after a failure it starts
 * anew. `load` and `loadSamples` call it by themselves: call it first only to say where the wasm comes from.
 *
 * @param source a URL, bytes, a compiled module or a response; without it the package finds its own.
 *
 * @example
 * ```js
 * await init("https://cdn.example/loupe_bg.wasm");
 * ```
 */
export function init(source?: WasmSource): Promise<void> {
  started ??= start(source).catch((error: unknown) => {
    started = undefined;
    throw error;
  });
  return started;
}

async function start(source?: WasmSource): Promise<void> {
  // Spelt out, so that bundlers see the file and carry it along.
  let found = await (source ?? own("loupe.wasm", new URL("./wasm/loupe_bg.wasm", import.meta.url)));
  if (typeof found === "string" || found instanceof URL) found = await bytesOf(found);
  await bind({ module_or_path: found as BufferSource });
}

/** @internal An answer that is one. */
export function unwrap<T extends object>(answer: T | { errors: FieldError[] }): T {
  if ("errors" in answer) throw LoupeError.of(answer.errors);
  return answer;
}

/** @internal What is made of bytes, or what the wasm says is wrong with them. */
export function asLoupeError<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new LoupeError(error instanceof Error ? error.message : String(error));
  }
}
