import { answer } from "../engine";
import { money } from "../format";

/** The price in one line, which stays visible on a phone while the form is edited. The page shows it in full. */
export function PriceStrip() {
  const now = answer.value;
  const { price, range } = now.kind === "priced" ? now.prediction : { price: undefined, range: null };
  return (
    <p class="price-strip" aria-hidden="true">
      <b>{price === undefined ? "–" : money(price)}</b>
      {range && (
        <span>
          {money(range.low)} to {money(range.high)}
        </span>
      )}
    </p>
  );
}
