/** The page Price. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { ask, dollars, priced, shownPrice, STONE, violations, visit } from "./visitor.js";

const visited = visit();

describe("the price", () => {
  it("is the API's, with its range, its warnings and its reasons", async () => {
    const { price, currency, price_year, range, model, warnings, explanation } = await ask(visited.url, "/v1/predict?explain=true", STONE);
    const { page, close } = await visited.open();
    await priced(page);
    assert.equal(await shownPrice(page), price);
    assert.equal(await page.locator(".price").innerText(), dollars(price));
    const worth = await page.locator(".price-summary").innerText();
    assert.ok(worth.includes(`between ${dollars(range.low)} and ${dollars(range.high)}`), worth);
    assert.ok(worth.includes(model.id), worth);
    assert.equal(await page.locator(".warnings li").count(), warnings.length);

    const amounts = await page.locator(".waterfall .amount").allInnerTexts();
    assert.equal(amounts.length, explanation.length + 1, "one row a part, and the sum");
    assert.equal(amounts[0], dollars(explanation[0].effect));
    assert.equal(amounts.at(-1), dollars(price));
    const features = await page.locator(".waterfall tbody th").allInnerTexts();
    const labels = features.slice(0, -1).map((text) => text.split("\n")[0]);
    assert.deepEqual(labels, explanation.map(({ label }) => label));
    const isValued = features.slice(0, -1).map((text) => text.includes("\n"));
    assert.deepEqual(isValued, explanation.map(({ value }) => value !== null));
    await page.getByText(`Prices are in ${currency} ${price_year}, as in the data`).waitFor();
    await close();
  });

  it("updates the price while dragging, without a request", async () => {
    const { page, close } = await visited.open();
    await priced(page);
    // All requests of the start have been sent by then.
    await page.getByText("Works without a network.").waitFor();
    const asked = [];
    page.on("request", (request) => asked.push(request.url()));
    const slider = page.getByRole("slider", { name: "Carat" });
    await slider.focus();
    const before = await shownPrice(page);
    for (let step = 0; step < 10; step++) await page.keyboard.press("ArrowRight");
    assert.equal(await page.getByLabel("Carat", { exact: true }).inputValue(), "0.80");
    const heavier = await shownPrice(page);
    assert.notEqual(heavier, before);
    assert.equal(heavier, (await ask(visited.url, "/v1/predict", { ...STONE, carat: 0.8 })).price);
    assert.deepEqual(asked, []);
    await close();
  });

  it("is of every cut, color and clarity, by keyboard and by mouse", async () => {
    const { page, close } = await visited.open();
    await priced(page);
    await page.getByRole("radio", { name: "Ideal" }).focus();
    await page.keyboard.press("ArrowLeft");
    await page.getByRole("radio", { name: "D", exact: true }).click();
    await page.getByRole("radio", { name: "IF" }).check();
    const stone = { ...STONE, cut: "Premium", color: "D", clarity: "IF" };
    assert.equal(await shownPrice(page), (await ask(visited.url, "/v1/predict", stone)).price);
    await page.getByText("Flawless inside").waitFor();
    await close();
  });

  it("takes measures, and has no warning once all are given", async () => {
    const { page, close } = await visited.open();
    await priced(page);
    await page.getByText("More, from the certificate").click();
    const measures = { x: 5.7, y: 5.72, z: 3.53, depth: 61.8, table: 57 };
    for (const [name, value] of Object.entries(measures)) await page.locator(`#${name}`).fill(String(value));
    const { price, warnings } = await ask(visited.url, "/v1/predict", { ...STONE, ...measures });
    assert.equal(await shownPrice(page), price);
    assert.equal(await page.locator(".warnings li").count(), warnings.length);
    await page.getByRole("button", { name: "Clear measures" }).click();
    assert.equal(await shownPrice(page), (await ask(visited.url, "/v1/predict", STONE)).price);
    await close();
  });

  it("does not change when the stone is turned", async () => {
    const { page, close } = await visited.open("#/price?carat=0.7&cut=Ideal&color=G&clarity=VS1&x=5.6&y=5.75&z=3.5");
    const parts = [".price", ".price-summary .range", ".price-lists", ".warnings", ".waterfall"];
    const texts = () => Promise.all(parts.map((part) => page.locator(part).allInnerTexts()));
    await priced(page);
    const before = await texts();
    await page.locator("#x").fill("5.75");
    await page.locator("#y").fill("5.6");
    assert.deepEqual(await texts(), before);
    await close();
  });

  it("is by each list that the model knows, until one is chosen", async () => {
    const { price_lists } = await ask(visited.url, "/v1/predict", STONE);
    const { page, close } = await visited.open("", { bypassCSP: true });
    await priced(page);
    assert.deepEqual(
      await page.locator(".price-lists li").allInnerTexts(),
      price_lists.map(({ name, price, range }) => `In list ${name} ${dollars(price)} (${dollars(range.low)} to ${dollars(range.high)})`),
    );
    await page.locator(".price-summary").getByText("two sellers’ lists in the public data").waitFor();
    assert.deepEqual(await violations(page), []);
    const names = price_lists.map(({ name }) => name);
    assert.deepEqual(await page.locator("#price_list option").allInnerTexts(), ["No list", ...names]);
    for (const name of names) {
      await page.locator("#price_list").selectOption(name);
      const { price, explanation } = await ask(visited.url, "/v1/predict?explain=true", { ...STONE, price_list: name });
      assert.equal(await shownPrice(page), price);
      assert.equal(await page.locator(".price-lists").count(), 0);
      const { label } = explanation.find(({ feature }) => feature === "price_list");
      await page.locator(".waterfall").getByText(`${label}${name}`).waitFor();
      await page.waitForFunction((name) => location.hash.includes(`price_list=${name}`), name);
    }
    await close();
  });

  it("takes the list in the link, and names one that the model does not know", async () => {
    const { price_lists } = await ask(visited.url, "/v1/predict", STONE);
    const { name, price } = price_lists.at(-1);
    const { page, close } = await visited.open(`#/price?carat=0.7&cut=Ideal&color=G&clarity=VS1&price_list=${name.toLowerCase()}`);
    await priced(page);
    assert.equal(await shownPrice(page), price);
    assert.equal(await page.locator("#price_list").inputValue(), name);
    await page.getByRole("switch", { name: "Ask the API, too" }).click();
    await page.getByText("The same, to the cent.").waitFor();
    await page.goto(`${visited.url}/#/price?price_list=Nowhere`);
    await page.locator("#price_list-says.error").waitFor();
    assert.match(await page.locator("#price_list-says").innerText(), /“Nowhere”/);
    await page.locator("#price_list").selectOption("No list");
    assert.equal(await shownPrice(page), (await ask(visited.url, "/v1/predict", STONE)).price);
    await close();
  });

  it("names every wrong field and returns when they are corrected", async () => {
    const { page, close } = await visited.open();
    await priced(page);
    await page.getByText("More, from the certificate").click();
    await page.getByLabel("Table").fill("wide");
    await page.getByLabel("Carat", { exact: true }).fill("");
    assert.match(await page.locator("#carat-says").innerText(), /required/);
    assert.match(await page.locator("#table-error").innerText(), /“wide” must be a number/);
    assert.equal(await page.locator("#carat").getAttribute("aria-invalid"), "true");
    assert.equal(await page.locator("[data-price]").count(), 0);
    await page.getByLabel("Carat", { exact: true }).fill("-3");
    assert.match(await page.locator("#carat-says").innerText(), /“-3” must be greater than 0/);
    await page.getByLabel("Carat", { exact: true }).fill("0.7");
    await page.getByLabel("Table").fill("");
    assert.equal(await page.locator("[aria-invalid]").count(), 0);
    assert.equal(await shownPrice(page), (await ask(visited.url, "/v1/predict", STONE)).price);
    await close();
  });

  it("equals the API's and shows the request id and the command", async () => {
    const { page, close } = await visited.open();
    await priced(page);
    await page.getByRole("switch", { name: "Ask the API, too" }).click();
    await page.getByText("The same, to the cent.").waitFor();
    const shown = await page.locator(".request-id code").innerText();
    assert.match(shown, /^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    const command = await page.locator(".command code").innerText();
    assert.ok(command.startsWith(`curl -s '${visited.url}/v1/predict?explain=true'`), command);
    assert.ok(command.includes('"carat":0.7'), command);

    await page.getByRole("radio", { name: "Fair" }).check();
    await page.waitForFunction((id) => document.querySelector(".request-id code")?.textContent !== id, shown);
    await page.getByText("The same, to the cent.").waitFor();
    await close();
  });

  it("still works when the API cannot be reached, and says so", async () => {
    const { page, close } = await visited.open();
    await priced(page);
    await page.route("**/v1/**", (route) => route.abort());
    await page.getByRole("switch", { name: "Ask the API, too" }).click();
    await page.getByText("The API cannot be reached").waitFor();
    const before = await shownPrice(page);
    await page.getByRole("radio", { name: "Fair" }).check();
    assert.notEqual(await shownPrice(page), before);
    await page.unroute("**/v1/**");
    await page.getByRole("radio", { name: "Good", exact: true }).check();
    await page.getByText("The same, to the cent.").waitFor();
    await close();
  });

  it("follows the stone in the link, and the link follows it", async () => {
    const { page, close } = await visited.open("#/price?carat=1.51&cut=Premium&color=E&clarity=VVS2&depth=61");
    await priced(page);
    const stone = { carat: 1.51, cut: "Premium", color: "E", clarity: "VVS2", depth: 61 };
    assert.equal(await shownPrice(page), (await ask(visited.url, "/v1/predict", stone)).price);
    await page.getByRole("radio", { name: "J", exact: true }).check();
    await page.waitForFunction(() => location.hash.includes("color=J"));
    await page.getByRole("link", { name: "Curve" }).click();
    await page.getByRole("heading", { name: "Premium, J, VVS2" }).waitFor();
    await page.goBack();
    await priced(page);
    assert.equal(await page.getByRole("radio", { name: "J", exact: true }).isChecked(), true);
    await close();
  });
});
