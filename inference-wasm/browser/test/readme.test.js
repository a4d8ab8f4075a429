/** Runs the README's examples as written, as far as Node can run them. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

import { install } from "./install.js";

const README = readFileSync(new URL("../README.md", import.meta.url), "utf8");

let folder;

before(() => {
  folder = install();
});

after(() => rmSync(folder, { recursive: true }));

describe("the README", () => {
  for (const [heading, said] of [
    ["Node", /^\$\d+\.\d\d?, from \$\d/],
    ["In a worker", /^1000 of 5000\n(.*\n)*5000 of 5000\n$/],
    ["Similar stones", /^(\d+ 0\.7\d* \d+\n){10}$/],
    ["Tables", /^ignored: stock\n2 \$\d+\.?\d*\n3 color is not a known color\n$/],
    ["Errors", /^carat .* -1 .*\ncolor .* Q .*\n$/],
  ]) {
    it(`has an example under "${heading}" that runs`, () => {
      const [, example] = new RegExp(`\\n## ${heading}\\n[^]*?\`\`\`js\\n([^]*?)\`\`\``).exec(README);
      writeFileSync(join(folder, "example.mjs"), example);
      const options = { cwd: folder, stdio: ["ignore", "pipe", "inherit"], timeout: 20_000 };
      assert.match(execFileSync("node", ["example.mjs"], options).toString(), said);
    });
  }
});
