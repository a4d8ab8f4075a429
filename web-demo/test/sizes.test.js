/** Checks how much a visitor loads. */

import assert from "node:assert/strict";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

import { visit } from "./visitor.js";

const DIST = fileURLToPath(new URL("../dist", import.meta.url));
/** The limits for everything, all pages, the model, the wasm and the samples: by brotli, which browsers take over TLS and
 * on the same machine, and by gzip, which they all take. */
const MOST_BYTES = { ".br": 480_000, ".gz": 490_000 };

const visited = visit();

describe("all files of the app", () => {
  it(`come to less than ${MOST_BYTES[".br"]} bytes by brotli, and ${MOST_BYTES[".gz"]} by gzip`, async () => {
    const entries = await readdir(DIST, { recursive: true, withFileTypes: true });
    const names = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    for (const [ending, most] of Object.entries(MOST_BYTES)) {
      const whole = names.filter((name) => !/\.(br|gz)$/.test(name));
      const sizes = await Promise.all(
        whole.map(async (name) => (await stat(names.includes(name + ending) ? name + ending : name)).size),
      );
      const sum = sizes.reduce((sum, size) => sum + size, 0);
      console.log(`    ${sum} bytes by ${ending}`);
      assert.ok(sum < most, `${sum} bytes by ${ending}`);
    }
  });

  it("are sent compressed, and assets are cached for ever", async () => {
    const html = await (await fetch(visited.url)).text();
    const [script] = /\/assets\/index-[^"]+\.js/.exec(html);
    for (const [takes, coding] of [["br, gzip", "br"], ["gzip", "gzip"]]) {
      const response = await fetch(visited.url + script, { headers: { "accept-encoding": takes } });
      assert.equal(response.headers.get("content-encoding"), coding);
      assert.equal(response.headers.get("cache-control"), "public, max-age=31536000, immutable");
      assert.match(await response.text(), /^import|^(var|const|let|function)/);
    }
  });
});
