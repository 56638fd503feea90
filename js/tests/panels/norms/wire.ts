/** Norms on the wire: how long the site's vector is at each position. */
import type { PanelWire } from "../../../src/session/panel.ts";
import { isNumber, isText, mustBe } from "../../../src/wire/checks.ts";
import { dataOf, type Frame } from "../../../src/wire/frame.ts";

export type NormsAsk = { kind: "euclidean" };
/** Array: values f32 [positions]. */
export type NormsPart = { site: string; longest: number };

declare module "../../../src/wire/protocol.ts" {
  interface Asks {
    norms: NormsAsk;
  }
  interface PanelParts {
    norms: NormsPart;
  }
}
declare module "../../../src/session/panel.ts" {
  interface PanelNeeds {
    norms: NormsAsk;
  }
}

export const NORMS_WIRE: PanelWire = {
  name: "norms",
  check(part, { array, tokens }) {
    mustBe(part, "norms", { site: isText, longest: isNumber });
    array("values", "f32", [tokens]);
  },
};

export const normsOf = (frame: Frame | null): Float32Array =>
  (frame?.parts.norms && dataOf<Float32Array>(frame, "norms.values")) ?? new Float32Array(0);
