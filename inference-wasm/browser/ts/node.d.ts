// The one thing of Node that is used; the package is no reason to depend on all of Node's types.
declare module "node:fs/promises" {
  export function readFile(file: URL): Promise<Uint8Array<ArrayBuffer>>;
}
