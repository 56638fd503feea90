/** Edits on the wire: what edited units did and do, and which others changed most. */
import type { PanelWire } from "../../session/panel.ts";
import { type Checks, isCount, isList, isObject, isText, mustBe } from "../../wire/checks.ts";
import type { Frame } from "../../wire/frame.ts";
import { isValue, type Value } from "../../wire/values.ts";

export type EditsAsk = { most: number };
/** `at`: the position that values are of: the token that is spoken of, or where the unit was strongest. */
export type EditedUnit = { index: number; unit: string; before: Value; after: Value; at: number };
/** `change` in standard deviations; infinite where nothing at the site moved before. */
export type ChangedUnit = { unit: string; before: Value; after: Value; change: Value; at: number };
/** Changes of an output's logit, less the mean of all: what the unit's weights say, and what was measured. */
export type DirectOutput = { text: string; weights: Value; measured: Value };
export type EditsPart = {
  units: EditedUnit[];
  changed: ChangedUnit[];
  /** What standard deviations are over: the data set of the atlas, this input, or the units of a site on it. */
  over: "atlas" | "input" | "site";
  /** The outputs that a unit raises and lowers most by its weights; `note`: what is left out, or why there are none. */
  direct?: { unit: string; note: string; outputs: DirectOutput[] };
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
const isOutput = (x: unknown): x is object =>
  isObject(x) && isText(x.text) && isValue(x.weights) && isValue(x.measured);
const EDITS: Checks = {
  direct: (x) =>
    x === undefined || (isObject(x) && isText(x.unit) && isText(x.note) && isList(x.outputs, isOutput)),
  units: (x) => isList(x, isUnit) && x.every((unit) => isCount((unit as EditedUnit).index)),
  changed: (x) => isList(x, isUnit) && x.every((unit) => isValue((unit as ChangedUnit).change)),
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
