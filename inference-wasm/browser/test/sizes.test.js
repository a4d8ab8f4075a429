/** Checks how much a page has to load. Each limit is a promise of the README. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

import { install } from "./install.js";

let folder;
let home;

before(() => {
  folder = install();
  home = join(folder, "node_modules/loupe-diamonds");
});

after(() => rmSync(folder, { recursive: true }));

/** The size after `gzip -9`, as a server sends it. */
function compressed(file) {
  return execFileSync("gzip", ["-9", "-n", "-c", join(home, file)], { maxBuffer: 1 << 26 }).length;
}

describe("what a page loads", () => {
  for (const [what, limit, files] of [
    ["the wasm, without a model,", 90_000, ["wasm/loupe_bg.wasm"]],
    ["the wasm that reads tables", 60_000, ["wasm/table_bg.wasm"]],
    ["the bundled model", 110_000, ["champion.loupe"]],
    ["the samples", 400_000, ["samples.loupe"]],
    ["every script of the package", 20_000, () => readdirSync(home, { recursive: true }).filter((it) => it.endsWith(".js"))],
  ]) {
    it(`${what} takes at most ${limit.toLocaleString("en-US")} bytes after gzip -9`, () => {
      const bytes = (typeof files === "function" ? files() : files).reduce((sum, file) => sum + compressed(file), 0);
      const over = bytes - limit;
      const remedy = "make it smaller, or change the promise here and in the README";
      assert.ok(over <= 0, `${what} takes ${bytes} bytes after gzip -9, ${over} more than ${limit}; ${remedy}`);
    });
  }
});
