/** Finds cells of the overview: rows are sites, columns all tokens of the window. */
import type { Cell } from "../../paint/cells.ts";
import { binOf, itemAt, itemsOf } from "../../paint/region.ts";
import { valueOfByte } from "../../paint/scale.ts";
import type { PlotPicture } from "../../ui/plot/plot.ts";
import type { Frame } from "../../wire/frame.ts";
import { textWindow, tokenCount } from "../../wire/tokens.ts";
import { overviewOf } from "./wire.ts";

/** The bin under fractions 0…1 of the picture. */
export function overviewCellAt(frame: Frame, x: number, y: number): Cell | null {
  const overview = overviewOf(frame);
  const tokens = tokenCount(frame);
  if (!overview || tokens === 0 || overview.shape[0] === 0) return null;
  const [sites, cols] = overview.shape;
  const row = itemAt(y, [0, sites]);
  const col = binOf(itemAt(x, [0, tokens]), [0, tokens], cols) ?? 0;
  const [from, to] = itemsOf(col, [0, tokens], cols);
  const { first } = textWindow(frame);
  return { row, col, rows: [row, row + 1], tokens: [first + from, first + to] };
}

/** The overview as pointer and tooltip know it. */
export const OVERVIEW_PICTURE: PlotPicture = {
  where: "overview",
  act: "look into this layer",
  choosesSite: true,
  siteOf: ({ parts }, { row }) => parts.overview?.sites[row] ?? "",
  unitOf: () => null,
  unitCount: () => 0,
  exactValue: () => null,
  colourValue(frame, { row, col }) {
    const overview = overviewOf(frame);
    if (!overview) return null;
    const { mode = "linear", knee = 1 } = frame.parts.map?.scale ?? {};
    const [lo, hi] = [overview.lows[row]!, overview.highs[row]!];
    const byte = overview.cells[row * overview.shape[1] + col] ?? 0;
    return valueOfByte(byte, { mode, knee, lo, hi, signed: false, pinned: false });
  },
};
