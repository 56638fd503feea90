/** Map on the wire: what is asked and what comes of units × tokens of one site. */
import type { PanelWire } from "../../session/panel.ts";
import { parseUnits } from "../../session/unit-filter.ts";
import { type Checks, isCount, isOrNull, isRange, isScale, mustBe } from "../../wire/checks.ts";
import { dataOf, type Frame, shapeOf, withPart } from "../../wire/frame.ts";
import type { Scale } from "../../wire/protocol.ts";
import type { Order } from "../../wire/shared.ts";
import { halfRows } from "./half-rows.ts";

/** What is visible. Rows and columns are half-open ranges over the ordered, filtered units and the window's tokens. */
export type MapNeed = {
  /** null: all of them. */
  rows: [number, number] | null;
  cols: [number, number] | null;
  /** Bins the page can show: at most its CSS pixels. */
  height: number;
  width: number;
};

export type MapAsk = MapNeed & {
  order: Order;
  hold: boolean;
  /** Units to keep, or null for all. */
  units: number[] | null;
};

/**
 * Arrays: cells u8 [rows, cols], the signed value of largest magnitude in each bin; units i32 [rows], the unit of each
 * row; for a bin, the one that holds its largest magnitude.
 */
export type MapPart = {
  rows: [number, number];
  cols: [number, number];
  /** How many rows there are after the filter. */
  total: number;
  /** The row of the selected unit in the present order, if it is one of them. */
  selected: number | null;
  scale: Scale;
};

declare module "../../wire/protocol.ts" {
  interface Asks {
    map: MapAsk;
  }
  interface PanelParts {
    map: MapPart;
  }
}
declare module "../../session/panel.ts" {
  interface PanelNeeds {
    map: MapNeed;
  }
}

const MAP: Checks = {
  rows: isRange,
  cols: isRange,
  total: isCount,
  selected: isOrNull(isCount),
  scale: isScale,
};

export const MAP_WIRE: PanelWire = {
  name: "map",
  isLast: true,
  join: (before: MapNeed, after: MapNeed): MapNeed => ({
    ...after,
    width: Math.max(before.width, after.width),
    height: Math.max(before.height, after.height),
  }),
  ask: (need: MapNeed, { view: { order, hold, filter }, width, typing }): MapAsk => {
    return {
      ...need,
      order,
      hold: hold || (typing && order !== "index"),
      units: parseUnits(filter, width).units,
    };
  },
  check(part, { array, frame }) {
    mustBe(part, "map", MAP);
    array("cells", "u8", [null, null]);
    array("units", "i32", [shapeOf(frame, "map.cells")?.[0] ?? null]);
  },
  // A coarser map is better than none.
  shrink: [
    { rank: 0, make: (frame) => shrunk(frame) },
    { rank: 1, make: (frame) => (frame.parts.map ? withPart(frame, "map", null) : null) },
  ],
};

function shrunk(frame: Frame): Frame | null {
  const map = mapOf(frame);
  const half = map && halfRows(map);
  if (!half) return null;
  const { cells, shape, units } = half;
  return withPart(frame, "map", frame.parts.map!, {
    cells: { dtype: "u8", shape, data: cells },
    units: { dtype: "i32", shape: [shape[0]], data: units },
  });
}

export type MapFrame = MapPart & {
  /** What stands for the values: pixels of the reply, not units or tokens. */
  readonly cells: Uint8Array;
  readonly shape: readonly [rows: number, cols: number];
  readonly units: Int32Array;
};

const NO_UNITS = new Int32Array(0);
const read = new WeakMap<Frame, MapFrame>();

/** The map of a frame with its arrays; null where it has none. */
export function mapOf(frame: Frame | null): MapFrame | null {
  const part = frame?.parts.map;
  const cells = frame && dataOf<Uint8Array>(frame, "map.cells");
  if (!frame || !part || !cells) return null;
  let map = read.get(frame);
  if (!map) {
    const shape = shapeOf(frame, "map.cells") as [number, number];
    map = { ...part, cells, shape, units: dataOf<Int32Array>(frame, "map.units") ?? NO_UNITS };
    read.set(frame, map);
  }
  return map;
}
