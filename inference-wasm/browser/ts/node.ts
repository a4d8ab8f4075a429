/** What Node has and browsers have not, asked for so that no bundler looks for it. */

/** The little of Node that is used; the package is no reason to depend on all of Node's types. */
interface Builtins {
  "node:fs/promises": { readFile(file: URL | string): Promise<Uint8Array<ArrayBuffer>> };
  "node:module": { createRequire(from: string): { resolve(name: string): string } };
}

interface Process {
  cwd(): string;
  getBuiltinModule?<Name extends keyof Builtins>(name: Name): Builtins[Name] | undefined;
}

/** Node's own reading of files, where this is Node. */
export function nodeFiles(): Builtins["node:fs/promises"] | undefined {
  return node()?.getBuiltinModule?.("node:fs/promises");
}

/** Where a file of this package is installed, seen from the folder that Node was started in. */
export function installed(name: string): string | undefined {
  const modules = node()?.getBuiltinModule?.("node:module");
  try {
    return modules?.createRequire(`${node()?.cwd()}/`).resolve(`loupe-diamonds/${name}`);
  } catch {
    return undefined;
  }
}

function node(): Process | undefined {
  return (globalThis as { process?: Process }).process;
}
