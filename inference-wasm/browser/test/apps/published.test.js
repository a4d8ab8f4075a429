/** Checks the tarball as registries, editors and compilers see it. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

import { install, tarball } from "../install.js";
import { linked } from "./tools.js";

/** Exports that are not code and so have no types. */
const ASSETS = ["./loupe.wasm", "./wasm/loupe_bg.wasm", "./table.wasm", "./wasm/table_bg.wasm", "./champion.loupe", "./samples.loupe", "./package.json"];
/** Ways of resolving a package that do not apply to one that is ESM only: without export maps, and by `require`. */
const NOT_FOR_US = ["node10", "node16-cjs"];
/** The files that declare the exports. */
const PUBLIC = ["errors", "file", "loupe", "remote", "sample-index", "table", "thread", "types", "wasm", "worker"];
const COMPILER = fileURLToPath(new URL("../../node_modules/.bin/tsc", import.meta.url));

let folder;
let home;

before(() => {
  folder = install();
  home = join(folder, "node_modules/loupe-diamonds");
});

after(() => rmSync(folder, { recursive: true }));

describe("the tarball", () => {
  it("passes publint", async () => {
    const { messages, pkg } = await publint({ pkgDir: home, pack: false, strict: true });
    assert.deepEqual(messages.map((message) => formatMessage(message, pkg)), []);
  });

  it("has correct types wherever ES modules are imported", async () => {
    const data = createPackageFromTarballData(new Uint8Array(readFileSync(tarball)));
    const { problems } = await checkPackage(data, { excludeEntrypoints: ASSETS });
    const ours = problems.filter(({ resolutionKind }) => !NOT_FOR_US.includes(resolutionKind));
    assert.deepEqual(ours, []);
  });

  const DOM = ["es2022", "dom"];
  for (const [where, options] of [
    ["under a bundler", { module: "esnext", moduleResolution: "bundler", lib: DOM }],
    ["in Node", { module: "nodenext", moduleResolution: "nodenext", lib: ["es2022"], types: ["node"] }],
    ["in Node with a page's types", { module: "nodenext", moduleResolution: "nodenext", lib: DOM }],
  ]) {
    it(`compiles ${where}, its own declarations checked too`, () => {
      cpSync(fileURLToPath(new URL("types", import.meta.url)), folder, { recursive: true });
      for (const name of ["@types/node", "undici-types"]) linked(folder, name);
      const compilerOptions = { types: [], ...options, strict: true, noEmit: true, skipLibCheck: false, target: "es2022" };
      writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["consumer.ts"] }));
      execFileSync(COMPILER, ["--project", folder], { stdio: "inherit" });
    });
  }

  it("has a comment on every export and every member", () => {
    const isExport = /^export (declare )?(class|interface|type|function|const) \w+/;
    const isMember = /^ {4}(readonly |static )?\w+\??[(:<].*;$/;
    const bare = [];
    for (const name of PUBLIC) {
      const lines = readFileSync(join(home, `${name}.d.ts`), "utf8").split("\n");
      for (const [at, line] of lines.entries()) {
        const wantsComment = isExport.test(line) || (isMember.test(line) && !line.startsWith("    constructor("));
        if (wantsComment && !/\*\/\s*$/.test(lines[at - 1] ?? "")) bare.push(`${name}: ${line}`);
      }
    }
    assert.deepEqual(bare, []);
  });
});
