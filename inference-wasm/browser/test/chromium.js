/** Starts Chromium and serves files to it. */

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { chromium } from "playwright-core";

const FLAGS =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking " +
  "--disable-component-update --disable-sync";
const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
  ".loupe": "application/octet-stream",
};

/** Starts Chromium. */
export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS.split(" ") });
}

/** Serves each file from the first folder that has it, with the given content security policy and types. */
export async function serve(folders, policy, types = {}) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const name = pathname.endsWith("/") ? `${pathname}index.html` : pathname;
    for (const folder of folders) {
      const content = await readFile(join(folder, name)).catch(() => undefined);
      if (!content) continue;
      const headers = { "content-type": { ...TYPES, ...types }[extname(name)] ?? "", "x-content-type-options": "nosniff" };
      response.writeHead(200, policy ? { ...headers, "content-security-policy": policy } : headers);
      response.end(content);
      return;
    }
    response.writeHead(404).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, stop: () => server.close() };
}

/** Opens a page and waits until it has set `globalThis.outcome`; if it does not, fails with the console's errors. */
export async function opened(browser, url) {
  const page = await browser.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    // Chromium requests an icon from every site, and ours have none.
    const isComplaint = ["error", "warning"].includes(message.type()) && !message.location().url.endsWith("/favicon.ico");
    if (isComplaint) complaints.push(message.text());
  });
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin) complaints.push(`asks ${request.url()}`);
  });
  await page.goto(url);
  const failed = new Promise((_, reject) => page.once("pageerror", (error) => reject(new Error(String(error)))));
  const waited = page.waitForFunction(() => globalThis.outcome, undefined, { timeout: 20_000 });
  await Promise.race([waited, failed]).catch((error) => {
    throw new Error(`${error.message}\n${complaints.join("\n")}`);
  });
  return { page, complaints };
}
