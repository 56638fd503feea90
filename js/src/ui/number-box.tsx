/** A box for a number; what is no number is put back. */

type NumberProps = {
  hook: string;
  label: string;
  value: number;
  disabled: boolean;
  set: (value: number) => void;
};

export function NumberBox({ hook, label, value, disabled, set }: NumberProps) {
  return (
    <input
      type="number"
      class="nw-end"
      step="any"
      data-nw={hook}
      aria-label={label}
      value={String(value)}
      disabled={disabled}
      onChange={(event) => {
        const { value: words, valueAsNumber } = event.currentTarget;
        const to = words === "" ? Number.NaN : valueAsNumber;
        if (Number.isFinite(to) && Math.abs(to) < MOST) set(to);
        else event.currentTarget.value = String(value);
      }}
    />
  );
}

/** Beyond it, nothing is a number to the model. */
const MOST = 1e30;
