import { useEffect, useState } from "preact/hooks";
import { faults } from "../engine";
import { faultOf } from "./carat-field";
import { change, type Measure, MEASURES, form } from "./stone";

const LABELS: Record<Measure, { label: string; unit: string }> = {
  x: { label: "Diameter", unit: "mm" },
  y: { label: "Other diameter", unit: "mm" },
  z: { label: "Depth", unit: "mm" },
  depth: { label: "Depth", unit: "%" },
  table: { label: "Table", unit: "%" },
};

/** The optional measures, as a certificate lists them. */
export function Measures() {
  const given = MEASURES.filter((measure) => form.value[measure].trim() !== "").length;
  const wrong = MEASURES.some((measure) => faults.value.has(measure));
  const [open, setOpen] = useState(given > 0);
  // Open the section if one of its fields has an error.
  useEffect(() => {
    if (wrong) setOpen(true);
  }, [wrong]);
  return (
    <details class="more" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>More, from the certificate{given > 0 && ` (${given} given)`}</summary>
      <p class="hint">Measures narrow the estimate. Leave empty what you do not know. The order of the diameters does not matter.</p>
      <div class="measures">
        {MEASURES.map((measure) => (
          <MeasureField key={measure} measure={measure} />
        ))}
      </div>
      {given > 0 && (
        <button type="button" class="plain small" onClick={forget}>
          Clear measures
        </button>
      )}
    </details>
  );
}

function MeasureField({ measure }: { measure: Measure }) {
  const { label, unit } = LABELS[measure];
  const fault = faults.value.get(measure);
  return (
    <div class="field">
      <label for={measure}>
        {label} <span class="unit">{unit}</span>
      </label>
      <input
        id={measure}
        type="text"
        inputMode="decimal"
        autoComplete="off"
        value={form.value[measure]}
        aria-invalid={fault ? "true" : undefined}
        aria-describedby={fault ? `${measure}-error` : undefined}
        onInput={(event) => change({ [measure]: event.currentTarget.value })}
      />
      {fault && (
        <p class="error" id={`${measure}-error`}>
          {faultOf(fault)}
        </p>
      )}
    </div>
  );
}

function forget(): void {
  change(Object.fromEntries(MEASURES.map((measure) => [measure, ""])));
}
