/** The page Curve. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { ask, visit } from "./visitor.js";

const visited = visit();
const KIND = "cut=Ideal&color=G&clarity=VS1";

describe("the curve", () => {
  it("shows all real stones of the kind and follows the keys", async () => {
    const { page, close } = await visited.open(`#/curve?carat=0.7&${KIND}`);
    await page.getByText("953 real stones of this kind").waitFor();
    const chart = page.getByRole("application");
    await chart.focus();
    await page.keyboard.press("Home");
    const readout = page.locator(".readout");
    const first = await readout.innerText();
    assert.match(first, /^\$[\d,]+ · 0\.2\d ct · depth [\d.]+ % · table \d+ % · [\d.]+ × [\d.]+ × [\d.]+ mm( · list [AB])?$/);
    await page.keyboard.press("ArrowRight");
    assert.notEqual(await readout.innerText(), first);
    await page.keyboard.press("ArrowLeft");
    assert.equal(await readout.innerText(), first);
    assert.equal(await page.locator(".marker-focused").isVisible(), true);
    await page.keyboard.press("Escape");
    assert.equal(await page.locator(".marker-focused").isVisible(), false);

    // The keys start at one of the stones nearest to the form's.
    await page.keyboard.press("ArrowRight");
    const { diamonds } = await ask(visited.url, `/v1/similar?carat=0.7&${KIND}&n=100`);
    const nearest = diamonds.filter(({ carat_difference }) => carat_difference === 0).map(({ price }) => price);
    const shown = Number((await readout.innerText()).split(" ")[0].replace(/[$,]/g, ""));
    assert.ok(nearest.includes(shown), `${shown} is none of ${nearest}`);
    await close();
  });

  it("shows the stone under the pointer", async () => {
    const { page, close } = await visited.open(`#/curve?carat=0.7&${KIND}`);
    await page.getByText("953 real stones of this kind").waitFor();
    const dot = await page.locator(".marker-this").boundingBox();
    await page.mouse.move(dot.x + dot.width / 2, dot.y + dot.height / 2);
    await page.locator(".readout b").waitFor();
    assert.match(await page.locator(".readout").innerText(), / ct · depth /);
    await page.mouse.move(5, 5);
    await page.getByText("953 real stones of this kind").waitFor();
    await close();
  });

  it("moves the dot with the weight, and the chart with the grades", async () => {
    const { page, close } = await visited.open(`#/curve?carat=0.7&${KIND}`);
    await page.getByText("953 real stones of this kind").waitFor();
    const place = () => page.locator(".marker-this").boundingBox();
    const before = await place();
    await page.getByLabel("Carat", { exact: true }).fill("1.20");
    const after = await place();
    assert.ok(after.x > before.x + 50 && after.y < before.y - 20, JSON.stringify([before, after]));
    await page.getByRole("radio", { name: "Fair" }).check();
    await page.getByRole("heading", { name: "Fair, G, VS1" }).waitFor();
    await page.getByText(/^4\d real stones of this kind/).waitFor();
    await close();
  });

  it("says so if no real stone has these grades", async () => {
    const { page, close } = await visited.open("#/curve?carat=1&cut=Fair&color=J&clarity=IF");
    await page.getByText("No real stone of this kind").waitFor();
    await page.getByRole("application").focus();
    await page.keyboard.press("ArrowRight");
    await close();
  });

  it("works without samples, and loads them at the next try", async () => {
    const { page, close } = await visited.open("", { serviceWorkers: "block" });
    await page.route("**/samples-*.loupe", (route) => route.abort());
    await page.getByRole("link", { name: "Curve" }).click();
    await page.getByText("The real stones did not load").waitFor();
    await page.unroute("**/samples-*.loupe");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("953 real stones of this kind").waitFor();
    await close();
  });
});
