/** Pattern on the wire: where the present input lies among the inputs whose patterns are known, in each layer. */
import type { PanelWire } from "../../session/panel.ts";
import { isList, isNumber, isObject, isText, mustBe } from "../../wire/checks.ts";

/** `nearest`: how many of the inputs most like it are named. */
export type PatternAsk = { nearest: number };
export type Place = {
  site: string;
  /** −1: in none. */
  pattern: number;
  membership: number;
  x: number;
  y: number;
  nearest: [document: number, name: string][];
};
export type PatternPart = { places: Place[] };

declare module "../../wire/protocol.ts" {
  interface Asks {
    pattern: PatternAsk;
  }
  interface PanelParts {
    pattern: PatternPart;
  }
}
declare module "../../session/panel.ts" {
  interface PanelNeeds {
    pattern: PatternAsk;
  }
}

const isPlace = (x: unknown): x is Place =>
  isObject(x) &&
  isText(x.site) &&
  [x.pattern, x.membership, x.x, x.y].every(isNumber) &&
  Array.isArray(x.nearest);

export const PATTERN_WIRE: PanelWire = {
  name: "pattern",
  check: (part) => mustBe(part, "pattern", { places: (x) => isList(x, isPlace) }),
};
