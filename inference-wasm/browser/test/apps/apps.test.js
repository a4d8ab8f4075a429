/** Tests the tarball in apps of several kinds: each is built in its own folder, opened, and must answer as Node does. */

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

import { launch, opened, serve } from "../chromium.js";
import { install } from "../install.js";
import { STONES } from "./ask.js";
import { linked, tools } from "./tools.js";

const POLICY = "default-src 'none'; connect-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
const ENV = { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" };

let browser;
let node;
const folders = [];

before(async () => {
  browser = await launch();
  node = JSON.parse(run(installed("node"), "main.js"));
});

after(async () => {
  await browser?.close();
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A copy of an app, with the tarball installed. */
function installed(app) {
  const folder = install();
  folders.push(folder);
  for (const [from, to] of [[app, "."], ["ask.js", "ask.js"]]) {
    cpSync(fileURLToPath(new URL(from, import.meta.url)), join(folder, to), { recursive: true });
  }
  return folder;
}

/** Runs a script to its end and shows only its errors. */
function run(folder, script, ...parameters) {
  const stdio = ["ignore", "pipe", "inherit"];
  return execFileSync("node", [script, ...parameters], { cwd: folder, env: ENV, stdio, maxBuffer: 1 << 26 }).toString();
}

/** Opens an app. Its main thread and its worker must answer as Node's do, and the console must show no error. */
async function check(url) {
  const { page, complaints } = await opened(browser, url);
  const outcome = await page.evaluate(() => globalThis.outcome);
  assert.deepEqual(outcome, node);
  assert.deepEqual(complaints, []);
  return page;
}

describe("the tarball", () => {
  it("answers in Node, directly and from a thread", () => {
    assert.deepEqual(node.worker, node.main);
    const { predictions, batch, refusal, samples, similar } = node.main;
    assert.equal(predictions.length, STONES.length);
    for (const { price, range } of predictions) assert.ok(range.low <= price && price <= range.high);
    assert.deepEqual(batch.slice(0, -1), predictions);
    assert.deepEqual(batch.at(-1), refusal);
    assert.ok(refusal.isOurs);
    assert.deepEqual(refusal.errors.map(({ field }) => field), ["carat", "cut"]);
    assert.deepEqual([samples, similar.found], [53_940, 7]);
  });

  it("answers on a plain page under a strict policy", async () => {
    const folder = installed("plain");
    const server = await serve([folder, join(folder, "node_modules")], POLICY);
    await (await check(server.url)).close();
    server.stop();
  });

  it("answers when Vite has built it", async () => {
    const folder = installed("vite");
    run(folder, join(tools, "vite/bin/vite.js"), "build", "--logLevel=warn");
    const server = await serve([join(folder, "dist")], POLICY);
    await (await check(server.url)).close();
    server.stop();
  });

  it("answers from Vite's development server", async () => {
    const folder = installed("vite");
    const vite = await started(folder, join(tools, "vite/bin/vite.js"), "--host=127.0.0.1", "--clearScreen=false");
    const page = await check(vite.url).finally(vite.stop);
    await page.close();
  });

  it("answers when webpack has built it", async () => {
    const folder = installed("webpack");
    run(folder, join(tools, "webpack/bin/webpack.js"), "--stats=errors-warnings");
    const server = await serve([join(folder, "dist"), folder], POLICY);
    await (await check(server.url)).close();
    server.stop();
  });

  it("answers in a Next build, on the server and in the browser", async () => {
    const folder = installed("next");
    for (const name of ["next", "react", "react-dom"]) linked(folder, name);
    const next = join(tools, "next/dist/bin/next");
    run(folder, next, "build");
    const server = await started(folder, next, "start", "--hostname=127.0.0.1", "--port=0");
    try {
      const page = await check(server.url);
      assert.deepEqual(JSON.parse(await page.locator("#server").textContent()), node.main);
      assert.equal(await page.locator("#browser").textContent(), String(node.main.predictions[0].price));
      await page.close();
    } finally {
      server.stop();
    }
  });
});

/** Starts a server and waits for the line that says where it listens. */
function started(folder, script, ...parameters) {
  const server = spawn("node", [script, ...parameters], { cwd: folder, env: ENV, stdio: ["ignore", "pipe", "inherit"] });
  const stop = () => server.kill("SIGTERM");
  return new Promise((resolve, reject) => {
    const said = [];
    createInterface({ input: server.stdout }).on("line", (line) => {
      said.push(line);
      const found = /Local:.*(http:\/\/[\w.]+:)(\S*\d)/.exec(line.replace(/\x1b\[\d+m/g, ""));
      if (found) resolve({ url: `${found[1]}${found[2]}/`, stop });
    });
    server.once("exit", (status) => reject(new Error(`${script} ended with ${status}:\n${said.join("\n")}`)));
  });
}
