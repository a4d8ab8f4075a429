/** Without a network. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { ask, priced, shownPrice, STONE, visit } from "./visitor.js";

const visited = visit();

describe("without a network", () => {
  it("every page that needs none works, also after a reload", async () => {
    const { price } = await ask(visited.url, "/v1/predict", { ...STONE, carat: 1.01 });
    const { page } = await visited.open();
    await page.getByText("Works without a network.").waitFor();
    await page.context().setOffline(true);
    await page.reload();
    await priced(page);
    await page.getByText("Not connected: prices still work.").waitFor();
    await page.getByLabel("Carat", { exact: true }).fill("1.01");
    assert.equal(await shownPrice(page), price);

    await page.getByRole("link", { name: "Curve" }).click();
    await page.getByText("953 real stones of this kind").waitFor();
    await page.getByRole("link", { name: "Similar" }).click();
    await page.getByText("5 stones. Found in this browser").waitFor();
    await page.getByRole("link", { name: "Batch" }).click();
    const text = "carat,cut,color,clarity\n1.01,Ideal,G,VS1\n";
    await page.getByLabel("A CSV of stones").setInputFiles({ name: "a.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
    await page.getByRole("heading", { name: "1 stone with a price" }).waitFor();
    await page.getByRole("link", { name: "Models" }).click();
    await page.getByText("The model history cannot be reached").waitFor();
    await page.getByRole("heading", { name: "Model card:" }).waitFor();
    await page.getByRole("link", { name: "Live" }).click();
    await page.getByLabel("Operator’s token").fill("any");
    await page.getByRole("button", { name: "Open", exact: true }).click();
    await page.getByText("The last update failed").waitFor();

    await page.context().setOffline(false);
    await page.getByRole("link", { name: "Models" }).click();
    await page.getByText("No model has been trained here yet").waitFor();
    await page.context().close();
  });

  it("API requests are never answered from the cache", async () => {
    const { page } = await visited.open();
    await page.getByText("Works without a network.").waitFor();
    const kept = await page.evaluate(async () => {
      const names = await caches.keys();
      const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
      return requests.flat().map(({ url }) => new URL(url).pathname);
    });
    assert.ok(kept.length > 10, kept.join());
    assert.deepEqual(kept.filter((path) => path.startsWith("/v1") || path.startsWith("/docs")), []);
    await page.context().close();
  });
});
