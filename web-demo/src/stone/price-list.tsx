import type { Loupe } from "loupe-diamonds";
import { faults, loupe } from "../engine";
import { faultOf } from "./carat-field";
import { change, form } from "./stone";

/** The choice of the price list to price by, for a model that knows lists. */
export function PriceListField() {
  const asked = form.value.price_list;
  const known = loupe.value?.model.price_lists ?? [];
  if (known.length === 0 && asked === "") return null;
  const chosen = find(known, asked) ?? asked;
  const fault = faults.value.get("price_list");
  return (
    <div class="field">
      <label for="price_list">Price list</label>
      <select
        id="price_list"
        value={chosen}
        aria-invalid={fault ? "true" : undefined}
        aria-describedby="price_list-says"
        onChange={(event) => change({ price_list: event.currentTarget.value })}
      >
        <option value="">No list</option>
        {[...new Set([...known, ...(chosen === "" ? [] : [chosen])])].map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      <p class={fault ? "error" : "hint"} id="price_list-says">
        {fault ? faultOf(fault) : explained(known)}
      </p>
    </div>
  );
}

/** The price list of the form as a field, if the model knows it. */
export function knownList({ model }: Loupe, asked: string): { price_list?: string } {
  const price_list = find(model.price_lists, asked);
  return price_list === undefined ? {} : { price_list };
}

/** A list by its name, in upper or lower case. */
function find(known: readonly string[], asked: string): string | undefined {
  return known.find((name) => name.toLowerCase() === asked.trim().toLowerCase());
}

/** What price lists are. The public data has A and B. */
export function explained(names: readonly string[]): string {
  return names.length > 0 && names.every((name) => name === "A" || name === "B")
    ? "A and B are two sellers’ lists in the public data, often of the same stones."
    : "A price list is one seller’s prices.";
}
