/** Reads a file of this package or of the caller, over HTTP or from disk. */

import { LoupeError } from "./errors.js";
import { installed, nodeFiles } from "./node.js";

/** Bytes, as `fetch` and `readFile` return them. */
export type Bytes = ArrayBuffer | ArrayBufferView;

/** The sources from which a file can be read. */
export type FileSource = URL | string | Bytes | Response | Promise<Response>;

/** @internal Reads the bytes of a file from any source. */
export async function bytesOf(source: FileSource | Promise<Bytes>): Promise<Uint8Array> {
  const found = await source;
  if (typeof found === "string") return read(new URL(found, globalThis.location?.href));
  if (found instanceof URL) return read(found);
  const isResponse = typeof Response === "function" && found instanceof Response;
  return isResponse ? body(found) : bytes(found as Bytes);
}

/** @internal Reads a file of this package; `place` gives its address, as a bundler or the server of the package says it. */
export async function own(name: string, place: () => URL): Promise<Uint8Array<ArrayBuffer>> {
  const url = address(place);
  const files = nodeFiles();
  if (url && (!files || /^https?:$/.test(url.protocol))) return read(url);
  if (files && url?.protocol === "file:") {
    const found = await files.readFile(url).catch(ifMissing);
    if (found) return found;
  }
  // The address is that of a bundle without the file, or a path of the site, which Next's server cannot fetch.
  const file = files && installed(name);
  if (file !== undefined) return files!.readFile(file);
  throw missing(name, url);
}

/** @internal An address, or undefined in a bundle in CommonJS, which has no `import.meta.url`. */
export function address(place: () => URL): URL | undefined {
  try {
    return place();
  } catch {
    return undefined;
  }
}

/** @internal The error of a file that is not with the bundle. */
export function missing(name: string, url: URL | undefined): LoupeError {
  const external = `--external:loupe-diamonds for esbuild, serverExternalPackages: ["loupe-diamonds"] in Next's config`;
  const remedy = `keep the package out of the bundle (${external}) and install it, or give bytes to \`init\` and \`load\``;
  return new LoupeError(`${name} of loupe-diamonds is not where ${url?.href ?? "the bundle"} says; ${remedy}`);
}

function ifMissing(error: { code?: string }): undefined {
  if (error.code !== "ENOENT") throw error;
}

/** Reads a file over HTTP or, in Node, from disk, since Node's `fetch` cannot. */
async function read(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  const files = url.protocol === "file:" ? nodeFiles() : undefined;
  if (files) return files.readFile(url);
  if (typeof fetch === "function") return body(await fetch(url));
  const remedy = "give the bytes: `await init(wasmBytes)`, then `load(modelBytes)`";
  throw new LoupeError(`${url.href} cannot be loaded, because there is no fetch here; ${remedy}`);
}

/** @internal A view of the bytes, not a copy. */
export function bytes(source: Bytes): Uint8Array {
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  throw new TypeError("wanted an ArrayBuffer or a view of one, as `fetch` and `readFile` give it");
}

async function body(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  if (!response.ok) throw new Error(`${response.url} cannot be loaded: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}
