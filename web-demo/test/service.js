/** The real service for tests: edge-host with the component, on a free port, over a database of its own. */

import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const program = (variable, name) => process.env[variable] ?? join(root, "target/release", name);

/** The operator's token. */
export const TOKEN = "operator-of-the-tests";

/**
 * Starts a service over the default data set and the released model, or over models that are trained first, the best of
 * which is served.
 */
export async function start({ families = [], variables = { admin_token: TOKEN } } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "loupe-page-"));
  const database = join(folder, "sqlite_db.db");
  const trainer = (...words) =>
    execFileSync(program("TRAINER", "trainer"), [...words, "--db", database], {
      cwd: root,
      stdio: ["ignore", "ignore", "ignore"],
    });
  trainer("ingest", "data/diamonds.csv", "--price-list-by", "orientation", "--prices-in", "USD 2008");
  for (const family of families) trainer("train", "--families", family);
  const given = Object.entries(variables).flatMap(([name, value]) => ["--variable", `${name}=${value}`]);
  const host = spawn(
    program("EDGE_HOST", "edge-host"),
    ["serve", "--manifest", "spin.toml", "--listen", "127.0.0.1:0", "--data-dir", folder, ...given],
    { cwd: root, stdio: ["ignore", "ignore", "pipe"] },
  );
  const url = await address(host);
  return {
    url,
    async stop() {
      const ended = new Promise((resolve) => host.once("exit", resolve));
      host.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

/** Waits for the line that says where the host listens. */
function address(host) {
  return new Promise((resolve, reject) => {
    const said = [];
    createInterface({ input: host.stderr }).on("line", (line) => {
      said.push(line);
      const found = /^listening (http:\S+)/.exec(line);
      if (found) resolve(found[1]);
    });
    host.once("exit", (status) => reject(new Error(`edge-host ended with ${status}:\n${said.join("\n")}`)));
  });
}
