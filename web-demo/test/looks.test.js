/** Tests every page: phone and desktop, light and dark, keyboard and screen reader. */

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

import { TOKEN } from "./service.js";
import { overflow, PHONE, priced, violations, visit } from "./visitor.js";

const visited = visit({ families: ["log-linear", "elastic-net"] });
/** The folder of the screenshots, which git ignores. */
const SHOTS = fileURLToPath(new URL("../shots/", import.meta.url));
const DESKTOP = { width: 1280, height: 900 };

/** Every page, and the steps after which it shows everything. */
const PAGES = {
  async price(page) {
    await page.getByText("More, from the certificate").click();
    await page.getByLabel("Table").fill("57");
    await page.getByRole("switch", { name: "Ask the API, too" }).click();
    await page.getByText("The same, to the cent.").waitFor();
  },
  async curve(page) {
    await page.getByText("953 real stones of this kind").waitFor();
    await page.getByRole("application").focus();
    await page.keyboard.press("ArrowRight");
  },
  async similar(page) {
    await page.getByLabel("How many").fill("20");
    await page.getByText("20 stones.").waitFor();
  },
  async batch(page) {
    const text = "carat,cut,color,clarity\n0.7,Ideal,G,VS1\n1.2,Premium,E,SI1\n-1,Ideal,Q,VS1\n";
    await page.getByLabel("A CSV of stones").setInputFiles({ name: "stones.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
    await page.getByRole("heading", { name: "1 row without a price" }).waitFor();
  },
  async models(page) {
    await page.getByLabel(/^log-linear/).check();
    await page.getByLabel(/^elastic-net/).check();
    await page.getByRole("heading", { name: "Side by side" }).waitFor();
  },
  async live(page) {
    await page.getByLabel("Operator’s token").fill(TOKEN);
    await page.getByRole("button", { name: "Open", exact: true }).click();
    await page.locator("table.log tbody tr").first().waitFor();
  },
};

describe("every page", () => {
  for (const colorScheme of ["light", "dark"]) {
    for (const [size, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
      it(`passes axe and never scrolls sideways, ${colorScheme}, ${size}`, async () => {
        mkdirSync(SHOTS, { recursive: true });
        for (const [name, fill] of Object.entries(PAGES)) {
          // Only axe itself needs to bypass the page's policy.
          const { page, close } = await visited.open(`#/${name}`, { colorScheme, viewport, bypassCSP: true });
          await fill(page);
          await page.screenshot({ path: `${SHOTS}${name}-${colorScheme}-${size}.png`, fullPage: true });
          assert.deepEqual(await violations(page), [], name);
          assert.equal(await overflow(page), 0, name);
          await close();
        }
      });
    }
  }

  it("passes axe in its empty and error states", async () => {
    for (const colorScheme of ["light", "dark"]) {
      const { page, close } = await visited.open("", { colorScheme, viewport: PHONE, bypassCSP: true });
      await priced(page);
      await page.getByLabel("Carat", { exact: true }).fill("a".repeat(40));
      await page.getByText("More, from the certificate").click();
      await page.getByLabel("Table").fill("wide");
      await page.route("**/v1/**", (route) => route.abort());
      await page.getByRole("switch", { name: "Ask the API, too" }).click();
      await page.getByText("The API cannot be reached").waitFor();
      assert.deepEqual(await violations(page), []);
      assert.equal(await overflow(page), 0);
      await page.getByRole("link", { name: "Similar" }).click();
      await page.getByText("No stones yet").waitFor();
      assert.deepEqual(await violations(page), []);
      await page.getByRole("link", { name: "Models" }).click();
      await page.getByText("The model history cannot be reached").waitFor();
      assert.deepEqual(await violations(page), []);
      await close();
    }
  });

  it("works by keyboard and does not move while it loads", async () => {
    const { page, close } = await visited.open("", { viewport: DESKTOP });
    await page.evaluate(() => {
      globalThis.moved = 0;
      new PerformanceObserver((list) => {
        for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) globalThis.moved += value;
      }).observe({ type: "layout-shift", buffered: true });
    });
    await priced(page);
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Skip to the page");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement?.id), "main");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement?.id), "carat");
    for (const name of ["Curve", "Similar", "Batch", "Models", "Live", "Price"]) {
      await page.getByRole("link", { name, exact: true }).focus();
      await page.keyboard.press("Enter");
      await page.locator(`nav [aria-current]`, { hasText: name }).waitFor();
      await page.waitForTimeout(400);
    }
    // Google's limit for a good layout shift is 0.1.
    const moved = await page.evaluate(() => globalThis.moved);
    assert.ok(moved < 0.02, `it moved by ${moved}`);
    await close();
  });

  it("turns light and dark by its button, and remembers", async () => {
    const { page, close } = await visited.open("", { colorScheme: "light" });
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await page.getByRole("button", { name: "Turn the page dark" }).click();
    const dark = await ground();
    assert.notEqual(dark, light);
    await page.reload();
    assert.equal(await ground(), dark);
    await page.getByRole("button", { name: "Turn the page light" }).click();
    assert.equal(await ground(), light);
    await close();
  });
});
