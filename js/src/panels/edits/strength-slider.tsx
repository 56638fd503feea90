/** Slider, number and sign of an edit's factor. */
import { NumberBox } from "../../ui/number-box.tsx";
import type { Change, EditSetting } from "../../wire/edits.ts";
import type { EditsController } from "./edits-controller.ts";
import { END, factorAfter, factorAt, positionOf, sayFactor } from "./strength.ts";

type Scaled = EditSetting & Extract<Change, { edit: "scale" }>;
type StrengthProps = { edit: Scaled; index: number; control: EditsController; disabled: boolean };

export function Strength({ edit, index, control, disabled }: StrengthProps) {
  const { unit, factor } = edit;
  const set = (to: number, of = "") => control.set(index, { factor: to }, of && `${of} ${unit}`);
  const sign = factor < 0 ? -1 : 1;
  return (
    <>
      <span class="nw-strength">
        <input
          type="range"
          data-nw="strength"
          min={-END}
          max={END}
          step={1}
          value={positionOf(factor)}
          disabled={disabled}
          aria-label={`Strength of ${unit}`}
          aria-valuetext={sayFactor(factor)}
          onInput={(event) => set(sign * factorAt(event.currentTarget.valueAsNumber), "slide")}
          onChange={() => control.settle()}
          onKeyDown={(event) => {
            const next = factorAfter(factor, event.key);
            if (next === null) return;
            event.preventDefault();
            set(next, "keys");
          }}
          onBlur={() => control.settle()}
        />
        <span class="nw-strength-ticks" aria-hidden="true">
          <span>off</span>
          <span>1×</span>
          <span>10×</span>
        </span>
      </span>
      <NumberBox
        hook="factor"
        label={`Factor of ${unit}`}
        value={factor}
        disabled={disabled}
        set={(value) => set(value)}
      />
      <button
        type="button"
        class="nw-sign"
        data-nw="sign"
        aria-pressed={factor < 0}
        aria-label={`Turn the sign of ${unit} round`}
        title="Turn the sign round"
        disabled={disabled || factor === 0}
        onClick={() => set(-factor)}
      >
        ±
      </button>
    </>
  );
}
