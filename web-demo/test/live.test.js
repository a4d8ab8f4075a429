/** The page Live. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { TOKEN } from "./service.js";
import { ask, STONE, visit } from "./visitor.js";

const visited = visit();

/** Signs in as the operator. */
async function enter(page, token = TOKEN) {
  await page.getByLabel("Operator’s token").fill(token);
  await page.getByRole("button", { name: "Open", exact: true }).click();
}

describe("the service, live", () => {
  it("is closed without the right token", async () => {
    const { page, close } = await visited.open("#/live");
    await page.getByLabel("Operator’s token").waitFor();
    assert.equal(await page.getByRole("heading", { name: "Log" }).count(), 0);
    await enter(page, "guess");
    await page.getByText("This token was not accepted").waitFor();
    await enter(page);
    await page.getByRole("heading", { name: "Log" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "Log" }).waitFor();
    await page.getByRole("button", { name: "Leave" }).click();
    await page.getByLabel("Operator’s token").waitFor();
    await page.reload();
    await page.getByLabel("Operator’s token").waitFor();
    await close();
  });

  it("shows requests, errors, latencies and the growing log", async () => {
    const { request_id: refused } = await ask(visited.url, "/v1/predict", { carat: -7.125 });
    const { request_id: served } = await ask(visited.url, "/v1/predict", STONE);
    const { page, close } = await visited.open("#/live");
    await enter(page);
    await page.locator(`button[aria-label*="${refused}"]`).waitFor();
    await page.locator(`button[aria-label*="${served}"]`).waitFor();
    const figures = await page.getByRole("region", { name: "In numbers" }).innerText();
    assert.match(figures, /Requests\s+\d+/);
    assert.match(figures, /Median\s+[\d.]+ ms/);
    assert.match(await page.locator("table.routes").innerText(), /\/v1\/predict\s+\d+\s+.*422/s);
    const { request_id: later } = await ask(visited.url, "/v1/predict", STONE);
    await page.locator(`button[aria-label*="${later}"]`).waitFor();
    await close();
  });

  it("finds requests by content and status and shows one in full", async () => {
    const { request_id: id } = await ask(visited.url, "/v1/predict", { carat: -9.25, cut: "Ideal" });
    const { page, close } = await visited.open("#/live");
    await enter(page);
    await page.getByLabel("Search").fill("-9.25");
    await page.getByLabel("Status").selectOption("5xx");
    await page.getByText("Nothing matches").waitFor();
    // Searches are requests, too, and contain what they search for; but they succeed.
    await page.getByLabel("Status").selectOption("4xx");
    await page.waitForFunction(() => document.querySelectorAll("table.log tbody tr").length === 1);
    await page.getByRole("button", { name: `Open request ${id}` }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("POST /v1/predict").waitFor();
    assert.match(await dialog.getByLabel("Request body").innerText(), /"carat": -9.25/);
    assert.match(await dialog.getByLabel("Response body").innerText(), /"status": 422/);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    // Open it again after closing.
    await page.getByRole("button", { name: `Open request ${id}` }).click();
    await dialog.getByText("POST /v1/predict").waitFor();
    await close();
  });

  it("says so when the service is gone and resumes when it is back", async () => {
    const { page, close } = await visited.open("#/live");
    await enter(page);
    await page.getByRole("heading", { name: "Log" }).waitFor();
    await page.route("**/v1/**", (route) => route.abort());
    await page.getByLabel("Window").selectOption("1 day");
    await page.getByText("The last update failed").waitFor();
    await page.unroute("**/v1/**");
    await page.getByLabel("Window").selectOption("5 minutes");
    await page.getByText("The last update failed").waitFor({ state: "hidden" });
    await close();
  });
});

const closed = visit({ variables: {} });

describe("a service without a token", () => {
  it("says how to get one", async () => {
    const { page, close } = await closed.open("#/live");
    await enter(page);
    await page.getByText("This service has no such token").waitFor();
    await close();
  });
});
