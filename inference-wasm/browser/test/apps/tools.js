/** What is installed beside these tests. */

import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where it is. */
export const tools = fileURLToPath(new URL("node_modules", import.meta.url));

/** Has an app find a package that is installed here. */
export function linked(folder, name) {
  const link = join(folder, "node_modules", name);
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(join(tools, name), link);
}
