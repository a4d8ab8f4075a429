interface SwitchProps {
  label: string;
  on: boolean;
  turn: (on: boolean) => void;
}

/** A switch that is on or off. */
export function Switch({ label, on, turn }: SwitchProps) {
  return (
    <label class="switch">
      <input type="checkbox" role="switch" checked={on} onChange={(event) => turn(event.currentTarget.checked)} />
      <span class="track" aria-hidden="true" />
      {label}
    </label>
  );
}
