import { faults } from "../engine";
import { sentence } from "../format";
import { carat, change, form } from "./stone";

/** The ends of the slider: the lightest stone of the data, and a weight that only 32 of its 53,940 stones exceed. */
const LIGHTEST = 0.2;
const HEAVIEST = 3;

/** The weight, as a slider and as a number. */
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

/** The error of a field, and the values it allows. */
export function faultOf({ message, value, allowed }: { message: string; value: string; allowed: string }): string {
  // Some messages already contain the allowed values.
  const remedy = message.includes("at most") ? "" : ` Allowed: ${allowed}.`;
  return `${sentence(`${value === "" ? "This" : `“${value}”`} ${message}`)}${remedy}`;
}
