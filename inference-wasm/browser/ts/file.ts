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
  return found instanceof Response ? body(found) : bytes(found);
}

/** @internal Reads a file of this package; `url` is its address, given by a bundler or by the server of the package. */
export async function own(name: string, url: URL): Promise<Uint8Array<ArrayBuffer>> {
  const files = nodeFiles();
  if (!files || url.protocol !== "") return read(url);
  // In a server bundle made by Next, a file's URL is a path of the site, which the server cannot fetch.
  const file = installed(name);
  if (file !== undefined) return files.readFile(file);
  const remedy = `keep the package out of the server's bundle (in Next's config: serverExternalPackages: ["loupe-diamonds"])`;
  throw new LoupeError(`${name} of loupe-diamonds is not where ${url.href} says; ${remedy}`);
}

/** Reads a file over HTTP or, in Node, from disk, since Node's `fetch` cannot. */
async function read(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  const files = url.protocol === "file:" ? nodeFiles() : undefined;
  return files ? files.readFile(url) : body(await fetch(url));
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
