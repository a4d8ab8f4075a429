/** A file: of this package or of the caller, over HTTP or from the disk. */

import { LoupeError } from "./errors.js";
import { installed, nodeFiles } from "./node.js";

/** Bytes, as `fetch` and `readFile` give them. */
export type Bytes = ArrayBuffer | ArrayBufferView;

/** Where the bytes of a file can come from. */
export type FileSource = URL | string | Bytes | Response | Promise<Response>;

/** @internal The bytes of a file, wherever it is. */
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
  // In what Next bundles for its server a file's URL is a path of the site, which cannot be asked there.
  const file = installed(name);
  if (file !== undefined) return files.readFile(file);
  const remedy = `keep the package out of the server's bundle (in Next's config: serverExternalPackages: ["loupe-diamonds"])`;
  throw new LoupeError(`${name} of loupe-diamonds is not where ${url.href} says; ${remedy}`);
}

/** Reads a file over HTTP, or from the disk in Node, whose `fetch` does not. */
async function read(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  const files = url.protocol === "file:" ? nodeFiles() : undefined;
  return files ? files.readFile(url) : body(await fetch(url));
}

/** @internal The very bytes, not a copy. */
export function bytes(source: Bytes): Uint8Array {
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  throw new TypeError("wanted an ArrayBuffer or a view of one, as `fetch` and `readFile` give it");
}

async function body(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  if (!response.ok) throw new Error(`${response.url} cannot be loaded: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}
