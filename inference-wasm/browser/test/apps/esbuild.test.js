/** Tests the tarball in bundles that esbuild makes for Node, and in a page of jsdom, which lacks what browsers have. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { JSDOM } from "jsdom";

import { install } from "../install.js";
import { STONES } from "./ask.js";
import { tools } from "./tools.js";

let folder;
let home;
let node;

before(() => {
  folder = install();
  home = join(folder, "node_modules/loupe-diamonds");
  for (const [from, to] of [["esbuild/main.js", "main.js"], ["ask.js", "ask.js"]]) {
    cpSync(fileURLToPath(new URL(from, import.meta.url)), join(folder, to));
  }
  node = run(folder, "main.js");
});

after(() => rmSync(folder, { recursive: true }));

/** Runs a script and returns the JSON that it prints. */
function run(cwd, ...parameters) {
  return JSON.parse(execFileSync("node", parameters, { cwd, stdio: ["ignore", "pipe", "inherit"], maxBuffer: 1 << 26 }));
}

describe("a bundle that esbuild makes for Node", () => {
  for (const [format, extension] of [["cjs", "cjs"], ["esm", "mjs"]]) {
    const bundled = async (outfile) => {
      const entry = join(folder, "main.js");
      await build({ entryPoints: [entry], outfile, bundle: true, platform: "node", format, logLevel: "error" });
    };

    it(`answers where the package is installed, as ${format}`, async () => {
      const bundle = join(folder, `dist/main.${extension}`);
      await bundled(bundle);
      assert.deepEqual(run(folder, bundle), node);
      assert.deepEqual(run(tmpdir(), bundle), node);
    });

    it(`says what to do where the package is not installed, as ${format}`, async () => {
      const elsewhere = mkdtempSync(join(tmpdir(), "loupe-bundle-"));
      await bundled(join(elsewhere, `main.${extension}`));
      const { main, worker } = run(elsewhere, `main.${extension}`);
      rmSync(elsewhere, { recursive: true });
      assert.match(main.refused, /^(loupe.wasm|champion.loupe) of loupe-diamonds is not where .* says; /);
      for (const { refused } of [main, worker]) assert.match(refused, /--external:loupe-diamonds/);
    });
  }
});

describe("jsdom without TextDecoder", () => {
  it("is enough for a test that runs in Node", () => {
    const script = `
      const { JSDOM } = await import(${JSON.stringify(pathToFileURL(join(tools, "jsdom/lib/api.js")))});
      const { window } = new JSDOM();
      Object.assign(globalThis, { window, document: window.document });
      for (const name of ["TextDecoder", "TextEncoder", "fetch", "Response", "Request"]) delete globalThis[name];
      const { load, loadSamples, LoupeError } = await import("loupe-diamonds");
      const { ask } = await import("./ask.js");
      process.stdout.write(JSON.stringify(await ask({ load, loadSamples, LoupeError })));`;
    assert.deepEqual(run(folder, "--input-type=module", "--eval", script), node.main);
  });

  it("is enough for a script of the page that is given the bytes, and says so where it is not", async () => {
    const stdin = { contents: `export * from "loupe-diamonds"`, resolveDir: folder };
    const { outputFiles } = await build({ stdin, bundle: true, format: "iife", globalName: "loupe", write: false, logLevel: "error" });
    const { window } = new JSDOM("", { runScripts: "outside-only" });
    assert.equal(window.eval("typeof TextDecoder + typeof fetch"), "undefinedundefined");
    window.eval(`${outputFiles[0].text}; window.loupe = loupe;`);
    await assert.rejects(window.loupe.load(), ({ name, message }) => name === "LoupeError" && /give bytes to `init` and `load`/.test(message));
    await window.loupe.init(readFileSync(join(home, "wasm/loupe_bg.wasm")));
    window.model = await window.loupe.load(readFileSync(join(home, "champion.loupe")));
    const inPage = (expression) => JSON.parse(window.eval(`JSON.stringify(${expression})`));
    for (const [at, stone] of STONES.entries()) {
      assert.deepEqual(inPage(`model.predict(${JSON.stringify(stone)})`), node.main.predictions[at]);
    }
    for (const [cut, value] of [["Schön 💎", "Schön 💎"], ["\\ud800 half", "\ufffd half"]]) {
      const stone = `{ carat: 1, cut: "${cut}", color: "G", clarity: "VS1" }`;
      const errors = inPage(`(() => { try { model.predict(${stone}) } catch ({ errors }) { return errors } })()`);
      assert.deepEqual(errors.map((error) => [error.field, error.value]), [["cut", value]]);
    }
  });
});
