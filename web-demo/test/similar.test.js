/** The page Similar. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";

import { ask, dollars, visit } from "./visitor.js";

const visited = visit();
const KIND = "carat=0.7&cut=Ideal&color=G&clarity=VS1";

const prices = (page) => page.locator("table.stones tbody th").allInnerTexts();

/** The other listings of a stone, in words. */
const others = (listings, shown) =>
  listings.map(({ id, price_list, cut, price }) => `as ${id} in ${price_list}: ${shown(price)}, ${cut}`).join("; ");

describe("similar stones", () => {
  it("have the API's order, from the page and from the API", async () => {
    const { diamonds } = await ask(visited.url, `/v1/similar?${KIND}&n=12`);
    const expected = diamonds.map(({ price }) => dollars(price));
    assert.equal(expected.length, 12);
    const { page, close } = await visited.open(`#/similar?${KIND}`);
    await page.getByLabel("How many").fill("12");
    await page.getByText("12 stones. Found in this browser").waitFor();
    assert.deepEqual(await prices(page), expected);
    await page.getByRole("switch", { name: "Ask the API" }).click();
    await page.getByText("12 stones. Found by the API").waitFor();
    assert.deepEqual(await prices(page), expected);
    await close();
  });

  it("mark what differs from the stone in the form", async () => {
    const { page, close } = await visited.open(`#/similar?carat=0.697&cut=Ideal&color=G&clarity=VS1&table=57`);
    await page.getByText("5 stones. Found in this browser").waitFor();
    assert.deepEqual(await page.locator("table.stones tbody tr:first-child .differs").allInnerTexts(), ["+0.003", "59"]);
    assert.ok((await page.locator("table.stones .same").count()) > 0);
    await close();
  });

  it("show their list, and what else they are listed as", async () => {
    const { diamonds } = await ask(visited.url, `/v1/similar?${KIND}&n=100`);
    assert.ok(diamonds.some(({ also_listed }) => also_listed?.length > 0));
    const expected = diamonds.flatMap(({ price_list, also_listed }) => [
      price_list ?? "–",
      ...(also_listed ? [`Also listed ${others(also_listed, dollars)}`] : []),
    ]);
    const { page, close } = await visited.open(`#/similar?${KIND}`);
    await page.getByLabel("How many").fill("100");
    for (const source of ["in this browser", "by the API"]) {
      await page.getByText(`100 stones. Found ${source}`).waitFor();
      assert.deepEqual(await page.locator("table.stones td:last-child").allInnerTexts(), expected);
      await page.getByRole("switch", { name: "Ask the API" }).click();
    }
    await page.getByText("two sellers’ lists in the public data").last().waitFor();
    await close();
  });

  it("are compared by their diameters in either order", async () => {
    const { diamonds } = await ask(visited.url, `/v1/similar?${KIND}&n=1`);
    const { x, y } = diamonds[0];
    for (const [one, other] of [[x, y], [y, x]]) {
      const { page, close } = await visited.open(`#/similar?${KIND}&x=${one}&y=${other}`);
      await page.getByText("5 stones.").waitFor();
      const cells = page.locator("table.stones tbody tr:first-child td");
      for (const [at, value] of [[4, Math.min(x, y)], [5, Math.max(x, y)]]) {
        assert.equal(await cells.nth(at).innerText(), value.toFixed(2));
        assert.equal(await cells.nth(at).getAttribute("class"), "same");
      }
      await close();
    }
  });

  it("are ordered by the difference that is shown", async () => {
    const { page, close } = await visited.open(`#/similar?carat=0.7049999&cut=Ideal&color=G&clarity=VS1`);
    await page.getByText("5 stones. Found in this browser").waitFor();
    const shown = await page.locator("table.stones tbody tr:first-child td").allInnerTexts();
    assert.deepEqual(shown.slice(0, 2), ["0.70", "−0.0049999"]);
    await close();
  });

  it("can be downloaded as CSV", async () => {
    const { diamonds } = await ask(visited.url, `/v1/similar?${KIND}&n=5`);
    const { page, close } = await visited.open(`#/similar?${KIND}`);
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download as CSV" }).click(),
    ]);
    assert.equal(file.suggestedFilename(), "similar-diamonds.csv");
    const [header, ...rows] = (await readFile(await file.path(), "utf8")).trimEnd().split("\r\n");
    const expected = diamonds.map(({ also_listed, ...diamond }) => {
      const cells = header.split(",").slice(0, -1).map((name) => diamond[name] ?? "");
      return `${cells.join(",")},${also_listed ? `"${others(also_listed, String)}"` : ""}`;
    });
    assert.deepEqual(rows, expected);
    const given = diamonds.flatMap((diamond) => Object.keys(diamond));
    assert.deepEqual(given.filter((name) => !header.split(",").includes(name)), []);
    await close();
  });

  it("show errors of the input and of the API", async () => {
    const { page, close } = await visited.open(`#/similar?${KIND}`);
    await page.getByText("5 stones.").waitFor();
    for (const wrong of ["0", "101", "2.5", "many", ""]) {
      await page.getByLabel("How many").fill(wrong);
      await page.getByText(`“${wrong}” must be a whole number from 1 to 100.`).waitFor();
    }
    await page.getByLabel("How many").fill("5");
    await page.getByLabel("Carat", { exact: true }).fill("x");
    await page.getByText("No stones yet").waitFor();
    await page.getByLabel("Carat", { exact: true }).fill("0.7");
    await page.getByText("5 stones.").waitFor();
    await page.route("**/v1/**", (route) => route.abort());
    await page.getByRole("switch", { name: "Ask the API" }).click();
    await page.getByText("The API cannot be reached").waitFor();
    await page.getByRole("switch", { name: "Ask the API" }).click();
    await page.getByText("5 stones. Found in this browser").waitFor();
    await close();
  });

  it("are an empty list if the data has none", async () => {
    const { page, close } = await visited.open("#/similar?carat=1&cut=Fair&color=J&clarity=IF");
    await page.getByText("No real stone of this kind").waitFor();
    await close();
  });
});
