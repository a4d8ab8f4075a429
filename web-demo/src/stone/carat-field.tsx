import { faults } from "../engine";
import { sentence } from "../format";
import { carat, change, form } from "./stone";

/** Where the slider begins and ends: the lightest stone of the data, and beyond all but 32 of its 53,940. */
const LIGHTEST = 0.2;
const HEAVIEST = 3;

/** The weight, by hand or by number. */
export function CaratField() {
  const fault = faults.value.get("carat");
  const shown = Number.isFinite(carat.value) ? Math.min(HEAVIEST, Math.max(LIGHTEST, carat.value)) : LIGHTEST;
  return (
    <div class="carat">
      <label for="carat">Carat</label>
      <input
        id="carat"
        type="text"
        inputMode="decimal"
        autoComplete="off"
        value={form.value.carat}
        aria-invalid={fault ? "true" : undefined}
        aria-describedby="carat-says"
        onInput={(event) => change({ carat: event.currentTarget.value })}
      />
      <input
        type="range"
        aria-label="Carat slider"
        min={LIGHTEST}
        max={HEAVIEST}
        step={0.01}
        value={shown}
        aria-valuetext={`${shown.toFixed(2)} carat`}
        onInput={(event) => change({ carat: Number(event.currentTarget.value).toFixed(2) })}
      />
      <p class={fault ? "error" : "hint"} id="carat-says">
        {fault ? faultOf(fault) : "The weight: one carat is a fifth of a gram."}
      </p>
    </div>
  );
}

/** What is wrong with a field, and what is allowed. */
export function faultOf({ message, value, allowed }: { message: string; value: string; allowed: string }): string {
  // A message that gives the bounds has said it all.
  const remedy = message.includes("at most") ? "" : ` Allowed: ${allowed}.`;
  return `${sentence(`${value === "" ? "This" : `“${value}”`} ${message}`)}${remedy}`;
}
