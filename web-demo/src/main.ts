/** The page: asks both questions about the stone in the form and shows the answers. */

import { predict, Refusal, similar as findSimilar } from "./api";
import { byId, element } from "./dom";
import { similar } from "./similar";
import * as stone from "./stone";
import { worth } from "./worth";

const form = byId<HTMLFormElement>("stone");
const problem = byId("problem");
const results = byId("results");

/** The question being answered; the answers to an earlier one come too late. */
let current = 0;

stone.build();
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void answer(stone.read(form));
});

async function answer(question: stone.Question): Promise<void> {
  const asked = ++current;
  results.setAttribute("aria-busy", "true");
  const [price, neighbours] = await Promise.allSettled([
    predict(question.stone),
    findSimilar(question.stone, question.n),
  ]);
  if (asked !== current) return;
  results.removeAttribute("aria-busy");

  const refusals = [price, neighbours].flatMap((outcome) =>
    outcome.status === "rejected" ? [asRefusal(outcome.reason)] : [],
  );
  show("worth", price.status === "fulfilled" ? worth(price.value) : []);
  show("similar", neighbours.status === "fulfilled" ? similar(neighbours.value) : []);
  complain(refusals);
  if (refusals.length === 0 && results.getBoundingClientRect().top > innerHeight / 2) {
    results.scrollIntoView({ block: "start" });
  }
}

function show(id: string, content: Node[]): void {
  const empty = element("p", { class: "hint" }, "No answer yet: see the message in the form.");
  byId(id).querySelector("[data-content]")?.replaceChildren(...(content.length > 0 ? content : [empty]));
}

/** Field errors go to their fields, once each though both answers may name them; the rest is said below. */
function complain(refusals: Refusal[]): void {
  const byField = new Map(refusals.flatMap(({ errors }) => errors).map((error) => [error.field, error]));
  const strays = stone.showErrors([...byField.values()]);
  const unexplained = refusals.find(({ errors }) => errors.length === 0);
  const lines = strays.map(({ message, allowed }) => `${message}. Allowed: ${allowed}.`);
  if (unexplained) lines.unshift(unexplained.message);
  problem.hidden = lines.length === 0;
  problem.replaceChildren(...lines.map((line) => element("p", {}, line)));
  if (unexplained?.requestId) {
    problem.append(element("p", { class: "hint" }, `Request ${unexplained.requestId}`));
  }
}

function asRefusal(reason: unknown): Refusal {
  if (reason instanceof Refusal) return reason;
  throw reason;
}
