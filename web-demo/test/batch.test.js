/** The page Batch. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

import { ask, STONE, visit } from "./visitor.js";

const visited = visit();
const DATA = fileURLToPath(new URL("../../data/diamonds.csv", import.meta.url));

const csv = (text, name = "stones.csv") => ({ name, mimeType: "text/csv", buffer: Buffer.from(text) });

/** The prices by list, as the download has them. */
const listed = (price_lists = []) => price_lists.map(({ name, price }) => `${name}=${price.toFixed(2)}`).join("; ");

async function give(page, file) {
  await page.getByLabel("A CSV of stones").setInputFiles(file);
}

async function downloaded(page) {
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download with prices" }).click(),
  ]);
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), "utf8") };
}

describe("a list", () => {
  it("keeps its order and columns, and names each bad row", async () => {
    const { price, range, price_lists, warnings } = await ask(visited.url, "/v1/predict", STONE);
    const { page, close } = await visited.open("#/batch");
    await give(
      page,
      csv(
        '\uFEFFstock,Carat,cut,color,clarity,note\n' +
          'A1,0.7,Ideal,G,VS1,"of ""old"" stock,\nsee file"\n' +
          "\n" +
          "A2,heavy,Ideal,Q,VS1,\n" +
          "A3,0.7,Ideal,G,VS1,x,too many\n" +
          "A4,0.7,Ideal,G,VS1,last\n",
      ),
    );
    await page.getByRole("heading", { name: "2 rows without a price" }).waitFor();
    const reasons = await page.locator("table.reasons tbody tr").allInnerTexts();
    assert.match(reasons[0], /^5\s+carat “heavy” must be a number.*; color “Q” /);
    assert.match(reasons[1], /^6\s+has 7 fields; allowed: 6 fields, as many as the header/);
    const { name, text } = await downloaded(page);
    assert.equal(name, "stones-priced.csv");
    const said = `"${warnings.map(({ message }) => message).join("; ")}"`;
    const estimate = `${price},${range.low},${range.high},${listed(price_lists)},${said},`;
    assert.equal(
      text.split("\r\n").slice(0, 2).join("\r\n"),
      'stock,Carat,cut,color,clarity,note,estimated_price,estimated_low,estimated_high,estimated_price_lists,warnings,error\r\n' +
        `A1,0.7,Ideal,G,VS1,"of ""old"" stock,\nsee file",${estimate}`,
    );
    assert.ok(text.endsWith(`A4,0.7,Ideal,G,VS1,last,${estimate}\r\n`), text);
    await close();
  });

  it("prices each stone by its list", async () => {
    const { price, price_lists } = await ask(visited.url, "/v1/predict", STONE);
    const { page, close } = await visited.open("#/batch");
    const lists = [...price_lists.map(({ name }) => name), "", "Nowhere"];
    await give(page, csv(`carat,cut,color,clarity,Price_List\n${lists.map((name) => `0.7,Ideal,G,VS1,${name}\n`).join("")}`));
    await page.getByRole("heading", { name: "1 row without a price" }).waitFor();
    assert.match(await page.locator("table.reasons tbody").innerText(), /price_list “Nowhere” /);
    const { text } = await downloaded(page);
    const rows = text.trimEnd().split("\r\n").slice(1).map((line) => line.split(","));
    const expected = [...price_lists.map(({ price }) => [String(price), ""]), [String(price), listed(price_lists)], ["", ""]];
    assert.deepEqual(rows.map((row) => [row[5], row[8]]), expected);
    await close();
  });

  it("of 53,940 stones is priced while the page responds", async () => {
    const { page, close } = await visited.open("#/batch");
    await page.evaluate(() => {
      // The longest time without a paint.
      globalThis.longest = 0;
      let last = performance.now();
      const watch = (now) => {
        globalThis.longest = Math.max(globalThis.longest, now - last);
        last = now;
        requestAnimationFrame(watch);
      };
      requestAnimationFrame(watch);
    });
    await give(page, DATA);
    await page.getByText("of 53,940 stones priced").waitFor();
    assert.ok((await page.locator("progress").getAttribute("max")) === "53940");
    // Look at another page meanwhile.
    await page.getByRole("link", { name: "Models" }).click();
    await page.getByRole("link", { name: "Batch" }).click();
    await page.getByRole("heading", { name: "diamonds.csv" }).waitFor({ timeout: 120_000 });
    await page.getByText("53,940 rows, in the order of the file").waitFor();
    const { text } = await downloaded(page);
    const lines = text.trimEnd().split("\r\n");
    assert.equal(lines.length, 53_941);
    const header = lines[0].split(",");
    for (const line of [1, 20_000, 53_940]) {
      const row = Object.fromEntries(lines[line].split(",").map((cell, place) => [header[place], cell]));
      const { carat, cut, color, clarity, depth, table, x, y, z } = row;
      const numbers = Object.fromEntries(
        Object.entries({ carat, depth, table, x, y, z }).map(([field, text]) => [field, Number(text)]),
      );
      const { price } = await ask(visited.url, "/v1/predict", { cut, color, clarity, ...numbers });
      assert.equal(Number(row.estimated_price), price, lines[line]);
    }
    console.log(`    the page stood still for ${Math.round(await page.evaluate(() => globalThis.longest))} ms at most`);
    await close();
  });

  it("is refused with the reason if it is not one", async () => {
    const { page, close } = await visited.open("#/batch");
    for (const [text, reason] of [
      ["", "The file is empty; wanted a header"],
      ["carat,cut,color\n1,Ideal,G\n", "Clarity: is missing from the CSV header, not \"carat,cut,color\"; allowed: a header line"],
      ["carat,cut,color,clarity\n", "The CSV has no row below its header."],
      ["carat,cut,color,clarity,cut\n1,Ideal,G,VS1,Fair\n", "Cut: is in the CSV header twice"],
      ["PK\x03\x04", "The file is a workbook (.xlsx) or another zip archive; save the sheet as \"CSV UTF-8\"."],
    ]) {
      await give(page, csv(text));
      await page.getByRole("alert").getByText(reason).waitFor();
    }
    await give(page, csv("clarity;color;cut;carat\nVS1;G;Ideal;0,7\nVS1;G;Ideal;0x46\n"));
    await page.getByRole("heading", { name: "1 row without a price" }).waitFor();
    await page.getByRole("heading", { name: "1 stone with a price" }).waitFor();
    await close();
  });

  it("loses only the line of a row that is ragged or has an open quote", async () => {
    const { page, close } = await visited.open("#/batch");
    await give(page, csv('carat,cut,color,clarity\n0.7,"Ideal,G,VS1\n0.7,Ideal\n0.7,Ideal,G,VS1\n'));
    await page.getByRole("heading", { name: "1 stone with a price" }).waitFor();
    const reasons = await page.locator("table.reasons tbody tr").allInnerTexts();
    assert.match(reasons[0], /^2\s+cut “"Ideal,G,VS1” has a quote that is not closed/);
    assert.match(reasons[1], /^3\s+has 2 fields; allowed: 4 fields/);
    await close();
  });

  it("names the columns that were ignored, once", async () => {
    const { page, close } = await visited.open("#/batch");
    await give(page, csv("carat,cut,color,clarity,depht,shop\n0.7,Ideal,G,VS1,61,Paris\n"));
    await page.getByRole("heading", { name: "1 stone with a price" }).waitFor();
    assert.equal(await page.getByText('Ignored the columns "depht" (perhaps depth is meant), "shop".').count(), 1);
    await give(page, csv("carat,cut,color,clarity\n0.7,Ideal,G,VS1\n", "plain.csv"));
    await page.getByRole("heading", { name: "plain.csv" }).waitFor();
    assert.equal(await page.getByText("ignored").count(), 0);
    await close();
  });

  it("can be dropped, stopped, and tried by an example", async () => {
    const { page, close } = await visited.open("#/batch");
    const [example] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download an example" }).click(),
    ]);
    const text = await readFile(await example.path(), "utf8");
    const data = await page.evaluateHandle((text) => {
      const data = new DataTransfer();
      data.items.add(new File([text], "dropped.csv"));
      return data;
    }, text);
    await page.locator(".drop").dispatchEvent("dragover", { dataTransfer: data });
    await page.locator(".drop.over").waitFor();
    await page.locator(".drop").dispatchEvent("drop", { dataTransfer: data });
    await page.getByRole("heading", { name: "dropped.csv" }).waitFor();
    await page.getByRole("heading", { name: "4 stones with a price" }).waitFor();
    await give(page, DATA);
    await page.getByText("of 53,940 stones priced").waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    assert.equal(await page.locator("progress").count(), 0);
    await close();
  });
});
