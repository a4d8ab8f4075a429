import type { PriceListEstimate } from "loupe-diamonds";
import { answer } from "../engine";
import { money, milliseconds, sentence, share } from "../format";
import { explained } from "../stone/price-list";

/** The price, its range, and the warnings. */
export function PriceSummary() {
  const now = answer.value;
  if (now.kind === "waiting") return <Frame price="$ …" range="Loading the model." />;
  if (now.kind === "refused") return <Frame price="–" range="Correct the marked field to see the price again." />;
  const { price, range, price_lists, warnings, model } = now.prediction;
  return (
    <>
      <p class="price" aria-live="polite" data-price={price}>
        {money(price)}
      </p>
      {range ? (
        <>
          <Scale low={range.low} price={price} high={range.high} />
          <p class="range">
            {share(range.confidence)} such stones cost between <b>{money(range.low)}</b> and{" "}
            <b>{money(range.high)}</b>.
          </p>
        </>
      ) : (
        <p class="range">This model gives no range.</p>
      )}
      {price_lists && <PriceLists lists={price_lists} />}
      {warnings.length > 0 && (
        <ul class="warnings" aria-label="Good to know">
          {warnings.map(({ message }) => (
            <li key={message}>{sentence(message)}</li>
          ))}
        </ul>
      )}
      <p class="hint">
        Computed in this browser in {milliseconds(now.took_ms)} by model <code>{model.id}</code> ({model.family}).
      </p>
    </>
  );
}

/** The price by each list that the model knows. */
function PriceLists({ lists }: { lists: readonly PriceListEstimate[] }) {
  return (
    <div>
      <ul class="price-lists" aria-label="By price list">
        {lists.map(({ name, price, range }) => (
          <li key={name}>
            In list {name} <b>{money(price)}</b>
            {range && ` (${money(range.low)} to ${money(range.high)})`}
          </li>
        ))}
      </ul>
      <p class="hint">{explained(lists.map(({ name }) => name))}</p>
    </div>
  );
}

/** A placeholder of the same size, shown when there is no price. */
function Frame({ price, range }: { price: string; range: string }) {
  return (
    <>
      <p class="price quiet">{price}</p>
      <div class="scale" aria-hidden="true" />
      <p class="range">{range}</p>
    </>
  );
}

/** Draws where the price lies in its range. Decorative: the text below says the same. */
function Scale({ low, price, high }: { low: number; price: number; high: number }) {
  const at = high > low ? (100 * (price - low)) / (high - low) : 50;
  return (
    <div class="scale" aria-hidden="true" style={{ "--at": `${at}%` }}>
      <i />
    </div>
  );
}
