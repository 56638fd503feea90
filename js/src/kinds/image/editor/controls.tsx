/** Rows of buttons and sliders beside the picture. */
import type { ComponentChildren } from "preact";

type SliderProps = {
  hook: string;
  label: string;
  value: number;
  shown: string;
  min: number;
  max: number;
  step: number;
  input: (value: number) => void;
  done?: () => void;
};

export function Slider({ hook, label, shown, input, done, ...range }: SliderProps) {
  return (
    <label class="nw-slider">
      <span>{label}</span>
      <input
        type="range"
        data-nw={hook}
        aria-valuetext={shown}
        {...range}
        onInput={(event) => input(event.currentTarget.valueAsNumber)}
        onChange={() => done?.()}
      />
      <span class="nw-number">{shown}</span>
    </label>
  );
}

export function Row({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row everywhere.
    <div class="nw-row" role="group" aria-label={label}>
      {children}
    </div>
  );
}
