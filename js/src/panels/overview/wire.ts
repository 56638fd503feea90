/** Overview on the wire: the largest magnitudes of all layers over the tokens. */
import type { PanelWire } from "../../session/panel.ts";
import { type Checks, isList, isNumber, isText, must, mustBe } from "../../wire/checks.ts";
import { dataOf, type Frame, shapeOf, withPart } from "../../wire/frame.ts";

export type OverviewAsk = { width: number };
/** Array: cells u8 [sites, cols], largest magnitude at each site and token, each site on its own scale lows[i]…highs[i]. */
export type OverviewPart = {
  sites: string[];
  /** Layers that could not be looked at on this input. */
  missing?: string[];
  lows: number[];
  highs: number[];
};

declare module "../../wire/protocol.ts" {
  interface Asks {
    overview: OverviewAsk;
  }
  interface PanelParts {
    overview: OverviewPart;
  }
}
declare module "../../session/panel.ts" {
  interface PanelNeeds {
    overview: OverviewAsk;
  }
}

const areNumbers = (x: unknown) => isList(x, isNumber);
const OVERVIEW: Checks = {
  sites: (x) => isList(x, isText),
  missing: (x) => x === undefined || isList(x, isText),
  lows: areNumbers,
  highs: areNumbers,
};

export const OVERVIEW_WIRE: PanelWire = {
  name: "overview",
  join: (before: OverviewAsk, after: OverviewAsk) => ({ width: Math.max(before.width, after.width) }),
  // Closed, it costs nothing: the model runs only as deep as needed.
  ask: (need: OverviewAsk, { view }) => (view.overview ? need : null),
  check(part, { array }) {
    mustBe(part, "overview", OVERVIEW);
    const { sites, lows, highs } = part as OverviewPart;
    const count = sites.length;
    must(lows.length === count && highs.length === count, "overview has not as many ends as sites");
    array("cells", "u8", [count, null]);
  },
  shrink: [{ rank: 2, make: (frame) => (frame.parts.overview ? withPart(frame, "overview", null) : null) }],
};

export type OverviewFrame = OverviewPart & {
  readonly cells: Uint8Array;
  readonly shape: readonly [sites: number, cols: number];
};

/** The overview of a frame with its cells; null where it has none. */
export function overviewOf(frame: Frame | null): OverviewFrame | null {
  const part = frame?.parts.overview;
  const cells = frame && dataOf<Uint8Array>(frame, "overview.cells");
  if (!frame || !part || !cells) return null;
  return { ...part, cells, shape: shapeOf(frame, "overview.cells") as [number, number] };
}
