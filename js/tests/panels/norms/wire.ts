/** Norms on the wire: how long the site's vector is at each token, or at every few of them. */
import type { PanelWire } from "../../../src/session/panel.ts";
import { isCount, mustBe } from "../../../src/wire/checks.ts";
import { dataOf, type Frame } from "../../../src/wire/frame.ts";

export type NormsAsk = { every: number };
/** Array: lengths f32 [tokens / every]. */
export type NormsPart = { every: number };

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
    mustBe(part, "norms", { every: isCount });
    array("lengths", "f32", [tokens]);
  },
};

export const lengthsOf = (frame: Frame | null): Float32Array =>
  (frame?.parts.norms && dataOf<Float32Array>(frame, "norms.lengths")) ?? new Float32Array(0);
