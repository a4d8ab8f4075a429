/** The form that describes a stone. */

import { CLARITIES, COLORS, CUTS } from "../grades";
import { Segments } from "../parts/segments";
import { CaratField } from "./carat-field";
import { Measures } from "./measures";
import { PriceListField } from "./price-list";
import { PriceStrip } from "./price-strip";
import { change, form } from "./stone";

/** The four Cs, and the measures on pages that use them. */
export function StonePanel({ measures = false }: { measures?: boolean }) {
  const { cut, color, clarity } = form.value;
  return (
    <form class="card stone" aria-label="The stone" onSubmit={(event) => event.preventDefault()} noValidate>
      <CaratField />
      <Segments name="cut" legend="Cut" grades={CUTS} chosen={cut} choose={(cut) => change({ cut })} />
      <Segments name="color" legend="Color" grades={COLORS} chosen={color} choose={(color) => change({ color })} />
      <Segments
        name="clarity"
        legend="Clarity"
        grades={CLARITIES}
        chosen={clarity}
        choose={(clarity) => change({ clarity })}
      />
      {measures && <Measures />}
      <PriceListField />
      <PriceStrip />
    </form>
  );
}
