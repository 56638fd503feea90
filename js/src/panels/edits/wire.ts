/** Edits on the wire: what edited units did and do, and which others changed most. */
import type { PanelWire } from "../../session/panel.ts";
import { type Checks, isCount, isList, isNumber, isObject, isText, mustBe } from "../../wire/checks.ts";
import type { Frame } from "../../wire/frame.ts";
import { isValue, type Value } from "../../wire/values.ts";

export type EditsAsk = { most: number };
/** `at`: the position that values are of: the token that is spoken of, or where the unit was strongest. */
export type EditedUnit = { index: number; unit: string; before: Value; after: Value; at: number };
/** `change` in standard deviations. */
export type ChangedUnit = { unit: string; before: Value; after: Value; change: number; at: number };
export type EditsPart = {
  units: EditedUnit[];
  changed: ChangedUnit[];
  /** What standard deviations are over: the data set of the atlas, this input, or the units of a site on it. */
  over: "atlas" | "input" | "site";
};

declare module "../../wire/protocol.ts" {
  interface Asks {
    edits: EditsAsk;
  }
  interface PanelParts {
    edits: EditsPart;
  }
}
declare module "../../session/panel.ts" {
  interface PanelNeeds {
    edits: EditsAsk;
  }
}

const isUnit = (x: unknown): x is object =>
  isObject(x) && isText(x.unit) && isCount(x.at) && isValue(x.before) && isValue(x.after);
const EDITS: Checks = {
  units: (x) => isList(x, isUnit) && x.every((unit) => isCount((unit as EditedUnit).index)),
  changed: (x) => isList(x, isUnit) && x.every((unit) => isNumber((unit as ChangedUnit).change)),
  over: (x) => x === "atlas" || x === "input" || x === "site",
};

export const EDITS_WIRE: PanelWire = {
  name: "edits",
  ofToken: true,
  join: (before: EditsAsk, after: EditsAsk) => ({ most: Math.max(before.most, after.most) }),
  check: (part) => mustBe(part, "edits", EDITS),
};

export const editedUnit = (frame: Frame | null, index: number): EditedUnit | null =>
  frame?.parts.edits?.units.find((unit) => unit.index === index) ?? null;
