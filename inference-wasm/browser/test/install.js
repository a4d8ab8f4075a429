/** Installs the packed package. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository. */
export const root = fileURLToPath(new URL("../../..", import.meta.url));

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url)));

/** The tarball that is published. */
export const tarball = join(root, `npm/loupe-diamonds-${version}.tgz`);

/** Installs the tarball in a new folder, without a network, and returns the folder. */
export function install() {
  const folder = mkdtempSync(join(tmpdir(), "loupe-npm-"));
  writeFileSync(join(folder, "package.json"), `{ "private": true, "type": "module" }`);
  const options = ["--offline", "--no-audit", "--no-fund", "--no-save", "--loglevel=error"];
  execFileSync("npm", ["install", tarball, ...options], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  return folder;
}
