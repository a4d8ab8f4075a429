import { answer } from "../engine";
import { dollars } from "../format";

/** The price in one line, in sight on a phone while the hand is on the form; the page says it again in full. */
export function PriceStrip() {
  const now = answer.value;
  const { price, range } = now.kind === "priced" ? now.prediction : { price: undefined, range: null };
  return (
    <p class="price-strip" aria-hidden="true">
      <b>{price === undefined ? "–" : dollars(price)}</b>
      {range && (
        <span>
          {dollars(range.low)} to {dollars(range.high)}
        </span>
      )}
    </p>
  );
}
