/** One control a column: a slider over its histogram with a number, or a list of its categories. */

import { outline, placeOf } from "../../paint/column-lines.ts";
import { formatExact } from "../../paint/scale.ts";
import type { Column } from "../../wire/traits.ts";

const HEIGHT = 18;

type Cell = number | string;
type ControlProps = {
  column: Column;
  value: Cell;
  /** The value of the row as it was given. */
  base: Cell;
  chosen: boolean;
  choose: () => void;
  set: (value: Cell) => void;
};

export function Control({ column, value, base, chosen, choose, set }: ControlProps) {
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
    </li>
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
