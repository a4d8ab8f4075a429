/** The page with the price of a stone and its explanation, updated on every input. */

import { start, trouble } from "../engine";
import { Notice } from "../parts/notice";
import { StonePanel } from "../stone/panel";
import { ApiComparison } from "./api-comparison";
import { Waterfall } from "./waterfall";
import { PriceSummary } from "./price-summary";

export function PricePage() {
  return (
    <div class="two-columns">
      <StonePanel measures />
      <div class="column">
        <section class="card price-summary" aria-label="What it is worth">
          {trouble.value ? (
            <Notice title="The model did not load" action={{ name: "Try again", run: () => void start() }}>
              {trouble.value}
            </Notice>
          ) : (
            <PriceSummary />
          )}
        </section>
        <section class="card why" aria-labelledby="why-title">
          <h2 id="why-title">Why</h2>
          <Waterfall />
        </section>
        <ApiComparison />
      </div>
    </div>
  );
}
