/** The page in Chromium, served from the component by the real host. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

import { start } from "./service.js";

const FLAGS =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking " +
  "--disable-component-update --disable-sync";
const STONE = { carat: 0.7, cut: "Ideal", color: "G", clarity: "VS1" };
const PHONE = { width: 360, height: 740 };

let service;
let browser;

before(async () => {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  [service, browser] = await Promise.all([start(), chromium.launch({ executablePath, args: FLAGS.split(" ") })]);
});

after(async () => {
  await browser?.close();
  await service?.stop();
});

/** Opens the page and keeps what it complains of and what it asks other hosts for. */
async function open(options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    // Chromium reports every answer of 400 and above; those are looked at where they are provoked.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
      complaints.push(message.text());
    }
  });
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== service.url) complaints.push(`asks ${request.url()}`);
  });
  const response = await page.goto(service.url);
  assert.equal(response.status(), 200);
  return {
    page,
    async close() {
      await context.close();
      assert.deepEqual(complaints, []);
    },
  };
}

async function answered(page) {
  await page.getByRole("button", { name: "Show me" }).click();
  await page.locator("#worth .price").waitFor();
  await page.locator("#similar [data-content] :is(table, p:not(.hint))").waitFor();
}

async function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

describe("the page", () => {
  it("shows the price and the range that the API gives", async () => {
    const response = await fetch(`${service.url}/v1/predict`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(STONE),
    });
    const { price, range, model, warnings } = await response.json();
    const dollars = (usd) => `$${Math.round(usd).toLocaleString("en-US")}`;

    const { page, close } = await open();
    await answered(page);
    assert.equal(await page.locator(".price").innerText(), dollars(price));
    const worth = await page.locator("#worth").innerText();
    assert.ok(price > 1000 && price < 10000, `${price} is no price of such a stone`);
    if (range) assert.ok(worth.includes(`between ${dollars(range.low)} and ${dollars(range.high)}`), worth);
    assert.ok(worth.includes(model.id), worth);
    assert.equal(await page.locator(".warnings li").count(), warnings.length);
    await close();
  });

  it("shows as many similar stones as were asked for, in the API's order", async () => {
    const query = new URLSearchParams({ ...STONE, n: "12" });
    const { diamonds } = await (await fetch(`${service.url}/v1/similar?${query}`)).json();
    assert.equal(diamonds.length, 12);

    const { page, close } = await open();
    await page.getByLabel("Similar stones").fill("12");
    await answered(page);
    const shown = await page.locator("#similar tbody tr td:first-child").allInnerTexts();
    assert.deepEqual(shown, diamonds.map(({ price }) => `$${price.toLocaleString("en-US")}`));
    await close();
  });

  it("answers about another stone, and better with its measurements", async () => {
    const { page, close } = await open();
    await answered(page);
    const first = await page.locator(".price").innerText();
    await page.getByLabel("Carat").fill("1.51");
    await page.getByLabel("Cut").selectOption("Premium");
    await page.getByText("More measurements").click();
    const measures = { "Length (x)": "7.4", "Width (y)": "7.36", "Height (z)": "4.5", Depth: "61", Table: "58" };
    for (const [label, value] of Object.entries(measures)) {
      await page.getByLabel(label).fill(value);
    }
    // Enter in a field asks as well as the button does.
    await page.getByLabel("Table").press("Enter");
    await page.waitForFunction((before) => document.querySelector(".price")?.textContent !== before, first);
    assert.equal(await page.locator(".warnings").count(), 0);
    await close();
  });

  it("shows every error at its field and takes it away when it is mended", async () => {
    const { page, close } = await open();
    await page.getByLabel("Carat").fill("");
    await page.getByLabel("Similar stones").fill("0");
    await page.getByText("More measurements").click();
    await page.getByLabel("Table").fill("wide");
    await page.getByText("More measurements").click();
    await page.getByRole("button", { name: "Show me" }).click();
    await page.locator("#carat-error:not(:empty)").waitFor();
    assert.match(await page.locator("#carat-error").innerText(), /required/);
    assert.match(await page.locator("#table-error").innerText(), /“wide” must be a number/);
    assert.match(await page.locator("#n-error").innerText(), /“0”.*1 to 100/);
    assert.equal(await page.evaluate(() => document.activeElement?.id), "carat");
    assert.equal(await page.locator("#carat").getAttribute("aria-invalid"), "true");
    assert.equal(await page.locator("#table").isVisible(), true, "the folded field is in sight");

    await page.getByLabel("Carat").fill("0.7");
    assert.equal(await page.locator("#carat-error").innerText(), "");
    await page.getByLabel("Table").fill("");
    await page.getByLabel("Similar stones").fill("3");
    await answered(page);
    assert.equal(await page.locator("[aria-invalid]").count(), 0);
    await close();
  });

  it("says so when the service is gone", async () => {
    const { page, close } = await open();
    await page.route("**/v1/**", (route) => route.abort());
    await page.getByRole("button", { name: "Show me" }).click();
    await page.getByRole("alert").getByText("cannot be reached").waitFor();
    await page.unroute("**/v1/**");
    await answered(page);
    assert.equal(await page.getByRole("alert").count(), 0);
    await close();
  });

  it("never scrolls sideways on a phone", async () => {
    const { page, close } = await open({ viewport: PHONE });
    assert.equal(await overflow(page), 0);
    await page.getByText("More measurements").click();
    await page.getByLabel("Similar stones").fill("100");
    await answered(page);
    assert.equal(await overflow(page), 0);
    await page.getByLabel("Carat").fill("a".repeat(80));
    await page.getByRole("button", { name: "Show me" }).click();
    await page.locator("#carat-error:not(:empty)").waitFor();
    assert.equal(await overflow(page), 0);
    await close();
  });

  it("has no accessibility fault that axe knows, light or dark", async () => {
    const axe = await readFile(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
    for (const colorScheme of ["light", "dark"]) {
      // Only the checker itself needs to get past the page's policy.
      const { page, close } = await open({ colorScheme, bypassCSP: true });
      await page.getByText("More measurements").click();
      await answered(page);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => globalThis.axe.run());
      const found = violations.map(({ id, nodes }) => `${colorScheme}: ${id}: ${nodes.map((node) => node.html)}`);
      assert.deepEqual(found, []);
      await close();
    }
  });

  it("may load nothing but its own files", async () => {
    const html = await (await fetch(service.url)).text();
    assert.match(html, /http-equiv="Content-Security-Policy" content="default-src [^"]*none/);
    assert.doesNotMatch(html, /<script(?![^>]*\ssrc="\/)/, "a script within the page");
    assert.doesNotMatch(html, /(?:src|href)="(?:https?:)?\/\//, "a file of another host");
  });
});

describe("the policies", () => {
  for (const path of ["/", "/docs"]) {
    it(`let ${path} do all that it does, and nothing that was slipped into it`, async () => {
      const page = await browser.newPage();
      const said = [];
      page.on("console", (message) => said.push(message.text()));
      page.on("pageerror", (error) => said.push(String(error)));
      const response = await page.goto(service.url + path);
      assert.doesNotMatch(response.headers()["content-security-policy"], /unsafe-inline|'unsafe-eval'/);
      await page.waitForLoadState("networkidle");
      const rules = await page.evaluate(() => [...document.styleSheets].map((sheet) => sheet.cssRules.length));
      assert.ok(rules.length === 1 && rules[0] > 10, `its own style is in force: ${rules}`);
      assert.deepEqual(said, []);

      const violated = await page.evaluate(async () => {
        const violations = [];
        document.addEventListener("securitypolicyviolation", (event) => violations.push(event.effectiveDirective));
        const script = document.createElement("script");
        script.textContent = "window.slipped = true";
        document.body.append(script);
        const style = document.createElement("style");
        style.textContent = "body { display: none }";
        document.head.append(style);
        document.body.insertAdjacentHTML("beforeend", '<img src="https://elsewhere.invalid/x.png" alt="">');
        await fetch("https://elsewhere.invalid/").catch(() => {});
        await new Promise((resolve) => setTimeout(resolve, 200));
        return { violations: [...new Set(violations)].sort(), slipped: window.slipped };
      });
      assert.deepEqual(violated, {
        violations: ["connect-src", "img-src", "script-src-elem", "style-src-elem"],
        slipped: undefined,
      });
      await page.close();
    });
  }
});
