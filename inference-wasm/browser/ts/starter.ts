/** Starts a wasm once. */

import { bytesOf } from "./file.js";
import type { WasmSource } from "./wasm.js";

/** @internal Makes a function that starts a wasm. Calling it again returns the same promise; after a failure it starts again. */
export function starter(
  bind: (input: { module_or_path: BufferSource }) => Promise<unknown>,
  own: () => Promise<BufferSource>,
): (source?: WasmSource) => Promise<void> {
  let started: Promise<void> | undefined;
  const start = async (source?: WasmSource) => {
    let found = await (source ?? own());
    if (typeof found === "string" || found instanceof URL) found = await bytesOf(found);
    await bind({ module_or_path: found as BufferSource });
  };
  return (source) =>
    (started ??= start(source).catch((error: unknown) => {
      started = undefined;
      throw error;
    }));
}
