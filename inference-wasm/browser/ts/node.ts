/** Functions of Node that browsers lack, accessed so that bundlers do not try to resolve them. */

/** The few types of Node that are used, so that the package does not depend on `@types/node`. */
interface Builtins {
  "node:fs/promises": { readFile(file: URL | string): Promise<Uint8Array<ArrayBuffer>> };
  "node:module": { createRequire(from: string): { resolve(name: string): string } };
}

interface Process {
  argv: string[];
  cwd(): string;
  getBuiltinModule?<Name extends keyof Builtins>(name: Name): Builtins[Name] | undefined;
}

/** Node's function for reading files, or undefined outside Node. */
export function nodeFiles(): Builtins["node:fs/promises"] | undefined {
  return node()?.getBuiltinModule?.("node:fs/promises");
}

/** The path of a file of this package, as installed for the script or for the folder with which Node was started. */
export function installed(name: string): string | undefined {
  const process = node();
  const modules = process?.getBuiltinModule?.("node:module");
  for (const from of [process?.argv[1], `${process?.cwd()}/`]) {
    try {
      if (modules && from !== undefined) return modules.createRequire(from).resolve(`loupe-diamonds/${name}`);
    } catch {
      // It is not installed there.
    }
  }
  return undefined;
}

function node(): Process | undefined {
  return (globalThis as { process?: Process }).process;
}
