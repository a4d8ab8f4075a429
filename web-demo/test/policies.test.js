/** Tests what the content security policies allow. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { visit } from "./visitor.js";

const visited = visit();

describe("the policies", () => {
  it("may load nothing but its own files", async () => {
    const html = await (await fetch(visited.url)).text();
    assert.match(html, /http-equiv="Content-Security-Policy" content="default-src [^"]*none/);
    assert.doesNotMatch(html, /<script(?![^>]*\ssrc="\/)/, "a script within the page");
    assert.doesNotMatch(html, /(?:src|href)="(?:https?:)?\/\//, "a file of another host");
  });

  for (const path of ["/", "/docs"]) {
    it(`let ${path} work and block what was injected into it`, async () => {
      const page = await visited.browser.newPage();
      const said = [];
      page.on("console", (message) => said.push(message.text()));
      page.on("pageerror", (error) => said.push(String(error)));
      const response = await page.goto(visited.url + path);
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
