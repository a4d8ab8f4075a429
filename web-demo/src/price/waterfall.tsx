import type { Part } from "loupe-diamonds";
import { answer, explanation } from "../engine";
import { carats, decimals, money, signedMoney } from "../format";

/** A bar chart of what each property adds, from the average price to this stone's. */
export function Waterfall() {
  const parts = explanation.value;
  const now = answer.value;
  if (!parts || now.kind !== "priced") {
    const why = now.kind === "refused" ? "There is nothing to explain before there is a price." : "In a moment.";
    return <p class="hint waterfall-empty">{why}</p>;
  }
  const steps = stepsOf(parts);
  const ends = [0, ...steps.map(({ to }) => to)];
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const at = (usd: number) => `${(100 * (usd - low)) / (high - low || 1)}%`;
  return (
    <table class="waterfall">
      <caption class="unseen">What each feature adds to the price of the average stone</caption>
      <thead class="unseen">
        <tr>
          <th scope="col">Feature</th>
          <th scope="col">Bar</th>
          <th scope="col">Amount</th>
        </tr>
      </thead>
      <tbody>
        {steps.map(({ part, from, to, whole }) => (
          <tr key={part.feature} class={whole ? "whole" : part.effect < 0 ? "down" : "up"}>
            <th scope="row">
              {part.label}
              {part.value !== null && <span class="value">{valueOf(part)}</span>}
            </th>
            <td class="bar" aria-hidden="true">
              <i style={{ "--from": at(Math.min(from, to)), "--to": at(Math.max(from, to)) }} />
            </td>
            <td class="amount">{whole ? money(part.effect) : signedMoney(part.effect)}</td>
          </tr>
        ))}
        <tr class="whole total">
          <th scope="row">This stone</th>
          <td class="bar" aria-hidden="true">
            <i style={{ "--from": at(0), "--to": at(now.prediction.price) }} />
          </td>
          <td class="amount">{money(now.prediction.price)}</td>
        </tr>
      </tbody>
    </table>
  );
}

interface Step {
  part: Part;
  from: number;
  to: number;
  /** Whether the bar starts at zero, as that of the average price does. */
  whole: boolean;
}

function stepsOf(parts: readonly Part[]): Step[] {
  let running = 0;
  return parts.map((part) => {
    const from = running;
    running += part.effect;
    return { part, from, to: running, whole: part.feature === "average" };
  });
}

const UNITS: Record<string, string> = {
  depth: " %",
  table: " %",
  x: " mm",
  y: " mm",
  z: " mm",
  average_diameter: " mm",
  diameter_ratio: " %",
  face_weight: " ct/cm²",
};

function valueOf({ feature, value }: Part): string {
  if (typeof value !== "number") return String(value);
  return feature === "carat" ? `${carats(value)} ct` : `${decimals(value, 0)}${UNITS[feature] ?? ""}`;
}
