/** Sweep on the wire: the selected unit, the pinned ones and the classes while one column goes over its range. */
import type { PanelWire } from "../../session/panel.ts";
import { isList, isNumber, isText, mustBe } from "../../wire/checks.ts";
import { dataOf, type Frame } from "../../wire/frame.ts";

export type SweepAsk = { column: string; points: number };
/** Where the sweep stopped on its way: values of the column. Arrays: unit f32 [n], pins f32 [pins, n], classes f32 [n, classes]. */
export type SweepPart = { column: string; xs: (number | string)[] };

declare module "../../wire/protocol.ts" {
  interface Asks {
    sweep: SweepAsk;
  }
  interface PanelParts {
    sweep: SweepPart;
  }
}
declare module "../../session/panel.ts" {
  interface PanelNeeds {
    sweep: SweepAsk;
  }
}

const isValue = (x: unknown): x is number | string => isNumber(x) || isText(x);

export const SWEEP_WIRE: PanelWire = {
  name: "sweep",
  check(part, { frame, array }) {
    mustBe(part, "sweep", { column: isText, xs: (x) => isList(x, isValue) });
    const { length } = part.xs as unknown[];
    array("unit", "f32", [length]);
    array("pins", "f32", [frame.head.pins.length, length]);
    array("classes", "f32", [length, null]);
  },
};

export type SweepLines = SweepPart & {
  readonly unit: Float32Array | null;
  /** In the order of `head.pins`. */
  readonly pins: readonly Float32Array[];
  /** [n, classes] */
  readonly classes: Float32Array | null;
};

/** The sweep of a frame with its lines; null where it has none. */
export function sweepOf(frame: Frame | null): SweepLines | null {
  const part = frame?.parts.sweep;
  if (!frame || !part) return null;
  const { length } = part.xs;
  const together = dataOf<Float32Array>(frame, "sweep.pins");
  const pins = together
    ? frame.head.pins.map((_, pin) => together.subarray(pin * length, (pin + 1) * length))
    : [];
  return { ...part, pins, unit: dataOf(frame, "sweep.unit"), classes: dataOf(frame, "sweep.classes") };
}
