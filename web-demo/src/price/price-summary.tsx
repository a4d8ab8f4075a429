import { answer } from "../engine";
import { dollars, milliseconds, sentence, share } from "../format";

/** The price, its range, and the warnings. */
export function PriceSummary() {
  const now = answer.value;
  if (now.kind === "waiting") return <Frame price="$ …" range="Loading the model." />;
  if (now.kind === "refused") return <Frame price="–" range="Correct the marked field to see the price again." />;
  const { price, range, warnings, model } = now.prediction;
  return (
    <>
      <p class="price" aria-live="polite" data-price={price}>
        {dollars(price)}
      </p>
      {range ? (
        <>
          <Scale low={range.low} price={price} high={range.high} />
          <p class="range">
            {share(range.confidence)} such stones cost between <b>{dollars(range.low)}</b> and{" "}
            <b>{dollars(range.high)}</b>.
          </p>
        </>
      ) : (
        <p class="range">This model gives no range.</p>
      )}
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
