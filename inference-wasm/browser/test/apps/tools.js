/** The tools installed for these tests. */

import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of a tool. */
export const tools = fileURLToPath(new URL("node_modules", import.meta.url));

/** Links a package that is installed here into an app. */
export function linked(folder, name) {
  const link = join(folder, "node_modules", name);
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(join(tools, name), link);
}
