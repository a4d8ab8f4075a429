/** The answer to the first question: what the stone is worth. */

import type { Prediction } from "./api";
import { element } from "./dom";
import { dollars, sentence, share } from "./words";

export function worth({ price, range, warnings, model }: Prediction): Node[] {
  const shown: Node[] = [element("p", { class: "price" }, dollars(price))];
  if (range) {
    const { low, high, confidence } = range;
    shown.push(
      scale(low, price, high),
      element(
        "p",
        {},
        `${share(confidence)} such stones cost between `,
        element("b", {}, dollars(low)),
        " and ",
        element("b", {}, dollars(high)),
        ".",
      ),
    );
  }
  if (warnings.length > 0) {
    const notes = warnings.map((warning) => element("li", {}, sentence(warning)));
    shown.push(element("h3", {}, "Good to know"), element("ul", { class: "warnings" }, ...notes));
  }
  shown.push(element("p", { class: "hint" }, `Estimated by model ${model.id} (${model.family}).`));
  return shown;
}

/** Where the price lies in its range; the words below it say the same. */
function scale(low: number, price: number, high: number): HTMLElement {
  const bar = element("div", { class: "scale", "aria-hidden": "true" }, element("i"));
  bar.style.setProperty("--at", `${high > low ? (100 * (price - low)) / (high - low) : 50}%`);
  return bar;
}
