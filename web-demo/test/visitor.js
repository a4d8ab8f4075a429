/** Opens the page in Chromium and collects the errors of its console. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

import { start } from "./service.js";

const FLAGS =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking " +
  "--disable-component-update --disable-sync";

export const PHONE = { width: 360, height: 740 };
export const STONE = { carat: 0.7, cut: "Ideal", color: "G", clarity: "VS1" };

/** `$2,917` for 2916.67. */
export const dollars = (usd) => `$${Math.round(usd).toLocaleString("en-US")}`;

/** A service and a browser for the tests of a file. */
export function visit(options = {}) {
  const visited = { url: "", browser: undefined, open };
  let service;
  before(async () => {
    const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
    [service, visited.browser] = await Promise.all([
      start(options),
      chromium.launch({ executablePath, args: FLAGS.split(" ") }),
    ]);
    visited.url = service.url;
  });
  after(async () => {
    await visited.browser?.close();
    await service?.stop();
  });

  /** Opens a page of the demo; `close` fails if the console had errors or another host was contacted. */
  async function open(path = "", context = {}) {
    const own = await visited.browser.newContext(context);
    const page = await own.newPage();
    const complaints = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      // Chromium reports every status of 400 and above; the tests that cause them check them.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
        complaints.push(message.text());
      }
    });
    page.on("request", (request) => {
      const { origin, protocol } = new URL(request.url());
      if (origin !== visited.url && protocol !== "blob:") complaints.push(`asks ${request.url()}`);
    });
    const response = await page.goto(`${visited.url}/${path}`);
    assert.equal(response.status(), 200);
    return {
      page,
      async close() {
        await own.close();
        assert.deepEqual(complaints, []);
      },
    };
  }
  return visited;
}

/** Waits until the page has priced the stone in the form. */
export async function priced(page) {
  await page.locator("[data-price]").first().waitFor();
}

/** The price that the page shows, with cents. */
export async function shownPrice(page) {
  return Number(await page.locator("[data-price]").first().getAttribute("data-price"));
}

/** The API's answer. */
export async function ask(url, path, body) {
  const post = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  return (await fetch(url + path, body ? post : {})).json();
}

/** The number of pixels by which a page can be scrolled sideways. */
export async function overflow(page) {
  return page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - window.innerWidth));
}

/** The violations that axe finds in a page, which must have been opened with `bypassCSP`. */
export async function violations(page) {
  const axe = await readFile(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}, and ${nodes.length - 1} more`);
}
