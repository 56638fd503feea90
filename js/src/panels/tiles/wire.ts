/** Tiles on the wire: small pictures of the site's strongest units. */
import type { PanelWire } from "../../session/panel.ts";
import { dataOf, type Frame, shapeOf } from "../../wire/frame.ts";

/** At most so many cells each. */
export type TilesAsk = { count: number; height: number; width: number };

declare module "../../wire/protocol.ts" {
  interface Asks {
    tiles: TilesAsk;
  }
  interface PanelParts {
    /**
     * Arrays: cells u8 [k, h, w], the strongest units on the site's scale; units i32 [k]; values f32 [k], each one's
     * value of largest magnitude.
     */
    tiles: object;
  }
}
declare module "../../session/panel.ts" {
  interface PanelNeeds {
    tiles: TilesAsk;
  }
}

export const TILES_WIRE: PanelWire = {
  name: "tiles",
  check(_, { array, frame }) {
    array("cells", "u8", [null, null, null]);
    const count = shapeOf(frame, "tiles.cells")?.[0] ?? null;
    array("units", "i32", [count]);
    array("values", "f32", [count]);
  },
};

export type Tiles = {
  cells: Uint8Array;
  rows: number;
  cols: number;
  units: Int32Array;
  values: Float32Array;
};

/** The tiles of a frame, strongest unit first; null where it has none. */
export function tilesOf(frame: Frame | null): Tiles | null {
  const cells = frame?.parts.tiles ? dataOf<Uint8Array>(frame, "tiles.cells") : null;
  if (!frame || !cells) return null;
  const [count = 0, rows = 0, cols = 0] = shapeOf(frame, "tiles.cells") ?? [];
  const units = dataOf<Int32Array>(frame, "tiles.units") ?? new Int32Array(count);
  return { cells, rows, cols, units, values: dataOf(frame, "tiles.values") ?? new Float32Array(count) };
}
