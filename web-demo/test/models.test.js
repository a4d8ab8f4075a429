/** The page Models. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { ask, priced, shownPrice, STONE, visit } from "./visitor.js";

const visited = visit({ families: ["log-linear", "elastic-net"] });

describe("the models", () => {
  it("are listed with their figures, the champion among them", async () => {
    const { models, champion } = await ask(visited.url, "/v1/models");
    assert.equal(models.length, 2);
    const { page, close } = await visited.open("#/models");
    await page.locator("table.models tbody tr").first().waitFor();
    const rows = await page.locator("table.models tbody tr").allInnerTexts();
    for (const [index, { id, family, metrics }] of models.entries()) {
      assert.ok(rows[index].includes(id) && rows[index].includes(family), rows[index]);
      assert.ok(rows[index].includes(`$${Math.round(metrics.holdout.mae)}`), rows[index]);
      assert.equal(rows[index].includes("champion"), id === champion, rows[index]);
    }
    await page.getByRole("heading", { name: `Model card: elastic-net ${champion}` }).waitFor();
    await page.getByText(`Prices are in ${models.find(({ id }) => id === champion).prices_in}:`).waitFor();
    await page.getByLabel("Metric").selectOption("Within 10 %");
    await page.getByRole("heading", { name: "Within 10 % on stones they never saw" }).waitFor();
    await page.getByRole("img", { name: "Within 10 % of 2 models over time" }).waitFor();
    await close();
  });

  it("can be read one by one, and compared two by two", async () => {
    const { page, close } = await visited.open("#/models");
    await page.getByLabel(/^log-linear/).check();
    await page.getByRole("heading", { name: "Model card: log-linear" }).waitFor();
    await page.getByLabel(/^elastic-net/).check();
    await page.getByRole("heading", { name: "Side by side" }).waitFor();
    // The elastic net has features that the other lacks.
    assert.equal(await page.locator("table.compared td.better").count(), 5);
    assert.match(await page.locator("table.compared thead").innerText(), /log-linear.*elastic-net|elastic-net.*log-linear/s);
    await close();
  });

  it("use the service's champion in the browser, too", async () => {
    const { price, model } = await ask(visited.url, "/v1/predict", STONE);
    const { page, close } = await visited.open();
    await page.locator(".price-summary code", { hasText: model.id }).waitFor();
    assert.equal(await shownPrice(page), price);
    await page.getByRole("switch", { name: "Ask the API, too" }).click();
    await page.getByText("The same, to the cent.").waitFor();
    // Also before the service has said which model it runs.
    await page.goto(`${visited.url}/#/batch`);
    await page.reload();
    const text = "carat,cut,color,clarity\n0.7,Ideal,G,VS1\n";
    await page.getByLabel("A CSV of stones").setInputFiles({ name: "a.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
    await page.getByRole("heading", { name: "1 stone with a price" }).waitFor();
    assert.ok((await page.locator("table.stones tbody").innerText()).includes(`$${Math.round(price).toLocaleString("en-US")}`));
    await close();
  });

  it("show the bundled model while the service is unreachable", async () => {
    const { page, close } = await visited.open("#/batch");
    await page.route("**/v1/**", (route) => route.abort());
    await page.getByRole("link", { name: "Models" }).click();
    await page.getByText("The model history cannot be reached").waitFor();
    await page.getByRole("heading", { name: "Model card:" }).waitFor();
    await page.unroute("**/v1/**");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.locator("table.models tbody tr").first().waitFor();
    await page.getByRole("link", { name: "Price" }).click();
    await priced(page);
    await close();
  });
});

const untrained = visit();

describe("where no model was trained", () => {
  it("says so, and shows the card of the serving model", async () => {
    const { page, close } = await untrained.open("#/models");
    await page.getByText("No model has been trained here yet").waitFor();
    const { model } = await ask(untrained.url, "/v1/predict", STONE);
    await page.getByRole("heading", { name: `Model card: ${model.family} ${model.id}` }).waitFor();
    await close();
  });
});
