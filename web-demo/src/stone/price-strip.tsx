import { answer } from "../engine";
import { dollars } from "../format";

/** The price in one line, which stays visible on a phone while the form is edited. The page shows it in full. */
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
