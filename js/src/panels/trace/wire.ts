/** Trace on the wire: exact values of the selected unit and of the pinned ones, with their scales. Always asked for. */

import type { PanelWire } from "../../session/panel.ts";
import { type Checks, isList, isOrNull, isRange, isScale, must, mustBe } from "../../wire/checks.ts";
import { dataOf, type Frame, withPart } from "../../wire/frame.ts";
import type { Scale } from "../../wire/protocol.ts";
import type { Value } from "../../wire/values.ts";

/** Rows and columns. */
export type Grid = readonly [rows: number, cols: number];

/**
 * Arrays of a text: unit f32 [tokens], pins f32 [pins, tokens]; while edits are shown before and pinsBefore, the same in
 * the model as it was. Of others, whose positions are counted row by row over
 * their grid: unit f32 [positions], pins f32 [pins, positions], or pin_0, pin_1 … f32 [positions] of different grids.
 */
export type TracePart = {
  /** Colour scale of the selected unit (its site's) and of each pin (its own site's). */
  scale: Scale | null;
  pinScales: Scale[];
  // Not of texts:
  /** Of the site that is looked at, where the selected unit is of another. */
  siteScale?: Scale | null;
  /** How the positions of the site lie; null: it has one position. */
  grid?: Grid | null;
  /** Of the selected unit's site, where that is another. */
  unitGrid?: Grid | null;
  pinGrids?: (Grid | null)[];
  /** Values of the selected unit at tokens that lie nowhere in the picture, before those on its grid. */
  lead?: Value[];
};

declare module "../../wire/protocol.ts" {
  interface Asks {
    trace: object;
  }
  interface PanelParts {
    trace: TracePart;
  }
}

const TRACE: Checks = {
  scale: isOrNull(isScale),
  pinScales: (x) => isList(x, isScale),
  siteScale: (x) => x === undefined || x === null || isScale(x),
};
const isGrid = isOrNull(isRange);

export const TRACE_WIRE: PanelWire = {
  name: "trace",
  always: {},
  check(part, { frame, tokens, array }) {
    const { pins } = frame.head;
    mustBe(part, "trace", TRACE);
    must((part.pinScales as unknown[]).length === pins.length, "pinScales do not fit the pins");
    const { grid = null, unitGrid = null, pinGrids = [] } = part;
    must(isGrid(grid) && isGrid(unitGrid) && isList(pinGrids, isGrid), "a grid is no size");
    array("unit", "f32", [tokens]);
    array("pins", "f32", [pins.length, tokens]);
    array("before", "f32", [tokens]);
    array("pinsBefore", "f32", [pins.length, tokens]);
    for (const pin of pins.keys()) array(`pin_${pin}`, "f32", [null]);
  },
  shrink: [{ rank: 3, make: withoutPins }],
};

function withoutPins(frame: Frame): Frame | null {
  const { trace } = frame.parts;
  if (!trace || frame.head.pins.length === 0) return null;
  const arrays = Object.fromEntries(frame.head.pins.map((_, pin) => [`pin_${pin}`, null]));
  const { pinGrids: _, ...rest } = trace;
  const gone = { ...arrays, pins: null, pinsBefore: null };
  const smaller = withPart(frame, "trace", { ...rest, pinScales: [] }, gone);
  return { ...smaller, head: { ...frame.head, pins: [] } };
}

/** Exact values of `head.unit`; null: no unit is selected. */
export const unitValues = (frame: Frame): Float32Array | null => dataOf(frame, "trace.unit");

/** Those of each pin, in the order of `head.pins`; null where they were not sent. */
export function pinValues(frame: Frame): (Float32Array | null)[] {
  const { pins } = frame.head;
  const together = dataOf<Float32Array>(frame, "trace.pins");
  const each = together ? together.length / pins.length : 0;
  return pins.map(
    (_, i) => together?.subarray(i * each, (i + 1) * each) ?? dataOf<Float32Array>(frame, `trace.pin_${i}`),
  );
}

export const unitScale = ({ parts }: Frame): Scale | null => parts.trace?.scale ?? null;
/** The scale of the site that is looked at. */
export const siteScale = (frame: Frame): Scale | null => frame.parts.trace?.siteScale ?? unitScale(frame);
/** Where the values of the site, of the selected unit, and of a pin lie; null: there is one value. */
export const siteGrid = ({ parts }: Frame): Grid | null => parts.trace?.grid ?? null;
export function unitGrid({ parts: { trace } }: Frame): Grid | null {
  return (trace?.unitGrid === undefined ? trace?.grid : trace.unitGrid) ?? null;
}
export function pinGrid(frame: Frame, pin: number): Grid | null {
  return frame.parts.trace?.pinGrids?.[pin] ?? (frame.arrays.has("trace.pins") ? siteGrid(frame) : null);
}

/** The values of a unit and its site's scale, when the frame has them. */
export function traceOf(frame: Frame, unit: string): { values: Float32Array; scale: Scale } | null {
  const { trace } = frame.parts;
  const values = unitValues(frame);
  if (unit === frame.head.unit && values && trace?.scale) return { values, scale: trace.scale };
  const pin = frame.head.pins.indexOf(unit);
  const scale = trace?.pinScales[pin];
  const pinned = pin >= 0 && scale ? pinValues(frame)[pin] : null;
  return pinned && scale ? { values: pinned, scale } : null;
}

/** What a unit did in the model as it was, where the frame shows the edited one. */
export function valuesBefore(frame: Frame, unit: string): Float32Array | null {
  if (unit === frame.head.unit) return dataOf(frame, "trace.before");
  const pin = frame.head.pins.indexOf(unit);
  const all = dataOf<Float32Array>(frame, "trace.pinsBefore");
  const each = all ? all.length / frame.head.pins.length : 0;
  return all && pin >= 0 ? all.subarray(pin * each, (pin + 1) * each) : null;
}
