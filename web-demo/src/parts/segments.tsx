import type { Grade } from "../grades";

interface SegmentsProps<G extends string> {
  name: string;
  legend: string;
  grades: readonly Grade<G>[];
  chosen: G;
  choose: (grade: G) => void;
}

/** A choice among a few grades, with the meaning of the chosen one. */
export function Segments<G extends string>({ name, legend, grades, chosen, choose }: SegmentsProps<G>) {
  return (
    <fieldset class="segments" aria-describedby={`${name}-meaning`}>
      <legend>{legend}</legend>
      <div class="segment-row">
        {grades.map(({ grade }) => (
          <label key={grade}>
            <input type="radio" name={name} value={grade} checked={grade === chosen} onChange={() => choose(grade)} />
            <span>{grade}</span>
          </label>
        ))}
      </div>
      <p class="hint" id={`${name}-meaning`}>
        {grades.find(({ grade }) => grade === chosen)?.meaning}
      </p>
    </fieldset>
  );
}
