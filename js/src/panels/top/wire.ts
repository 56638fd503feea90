/** Strongest units on the wire: those of the site that are strongest at the token. */
import type { PanelWire } from "../../session/panel.ts";
import { dataOf, type Frame, shapeOf } from "../../wire/frame.ts";

export type TopAsk = { most: number };

declare module "../../wire/protocol.ts" {
  interface Asks {
    top: TopAsk;
  }
  interface PanelParts {
    /** Arrays: units i32 [k], by magnitude; values f32 [k]; before f32 [k]: in the model before its edits. */
    top: object;
  }
}
declare module "../../session/panel.ts" {
  interface PanelNeeds {
    top: TopAsk;
  }
}

export const TOP_WIRE: PanelWire = {
  name: "top",
  ofToken: true,
  join: (before: TopAsk, after: TopAsk) => ({ most: Math.max(before.most, after.most) }),
  check(_, { array, frame }) {
    array("units", "i32", [null]);
    const count = shapeOf(frame, "top.units")?.[0] ?? null;
    array("values", "f32", [count]);
    array("before", "f32", [count]);
  },
};

/** The strongest units and their values; null where they were not sent. */
export function topOf(
  frame: Frame | null,
): { units: Int32Array; values: Float32Array; before: Float32Array | null } | null {
  if (!frame?.parts.top) return null;
  const units = dataOf<Int32Array>(frame, "top.units");
  const values = dataOf<Float32Array>(frame, "top.values");
  return units && values && { units, values, before: dataOf<Float32Array>(frame, "top.before") };
}
