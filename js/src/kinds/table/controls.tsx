/** One control a column: a slider over its histogram with a number, or a list of its categories. */

import { outline, placeOf } from "../../paint/column-lines.ts";
import { colourOf, formatExact } from "../../paint/scale.ts";
import { dark } from "../../paint/theme.ts";
import type { Scale } from "../../wire/protocol.ts";
import type { Column } from "../../wire/traits.ts";

const HEIGHT = 18;

type Cell = number | string;
type ControlProps = {
  column: Column;
  value: Cell;
  /** The value of the row as it was given. */
  base: Cell;
  chosen: boolean;
  /** What the column does to what is asked about, and the colours of that. */
  effect?: number | undefined;
  scale: Scale | null;
  choose: () => void;
  set: (value: Cell) => void;
};

export function Control({ column, value, base, chosen, effect, scale, choose, set }: ControlProps) {
  const { name } = column;
  const back = `Put ${name} back to ${show(base)}`;
  return (
    <li
      class={chosen ? "nw-column nw-chosen" : "nw-column"}
      data-column={name}
      onFocusIn={choose}
      onPointerDown={choose}
    >
      <span class="nw-bar-name" title={name}>
        {name}
      </span>
      {column.kind === "category" ? (
        <select
          aria-label={name}
          value={value}
          onChange={(event) => set(column.values[event.currentTarget.selectedIndex]!)}
        >
          {column.values.map((item) => (
            <option key={item} value={item}>
              {item}
            </option>
          ))}
        </select>
      ) : (
        <NumberControl column={column} value={value as number} base={base} set={set} />
      )}
      <button
        type="button"
        class={value === base ? "nw-icon nw-away" : "nw-icon"}
        aria-label={back}
        title={back}
        onClick={() => set(base)}
      >
        ↺
      </button>
      {effect !== undefined && scale && <Effect effect={effect} scale={scale} />}
    </li>
  );
}

function Effect({ effect, scale }: { effect: number; scale: Scale }) {
  const words = `effect ${formatExact(effect)}`;
  const width = `${(98 * Math.abs(effect)) / scale.hi}%`;
  return (
    <span
      class="nw-effect"
      data-nw="effect"
      role="img"
      aria-label={words}
      title={words}
      style={{ width, background: colourOf(effect, scale, dark.value) }}
    />
  );
}

type NumberProps = Pick<ControlProps, "base" | "set"> & {
  column: Extract<Column, { kind: "number" }>;
  value: number;
};

function NumberControl({ column, value, base, set }: NumberProps) {
  const { name, low, high, histogram, step } = column;
  const was = value === base ? null : placeOf(base, [low, high]);
  const enter = (event: Event & { currentTarget: HTMLInputElement }) => {
    const number = event.currentTarget.valueAsNumber;
    if (Number.isFinite(number)) set(number);
  };
  return (
    <>
      <span class="nw-ranged">
        <svg viewBox={`0 0 100 ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          <path d={histogram.length > 0 ? outline(histogram, HEIGHT) : ""} />
        </svg>
        {was !== null && <span class="nw-was" style={{ left: `calc(7px + (100% - 14px) * ${was})` }} />}
        <input
          type="range"
          aria-label={name}
          aria-valuetext={show(value)}
          min={low}
          max={high}
          step={step > 0 ? step : "any"}
          value={value}
          onInput={enter}
        />
      </span>
      <input
        type="number"
        aria-label={`${name}, as a number`}
        step="any"
        value={Number(value.toPrecision(6))}
        onChange={enter}
      />
    </>
  );
}

const show = (value: Cell) => (typeof value === "number" ? formatExact(value) : value);
