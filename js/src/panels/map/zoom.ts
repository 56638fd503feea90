/** Zooms and pans what is seen of the map. */
import type { Window } from "../../paint/cells.ts";
import { panRange, unlessAll, zoomRange } from "../../paint/region.ts";
import type { Session } from "../../session/session.ts";
import type { Plot } from "../../ui/plot/plot.ts";
import { windowOf } from "./cells.ts";

/** Cells are not zoomed beyond these pixels: larger ones tell nothing more. */
const LARGEST = { row: 18, col: 30 };

type Axis = "both" | "rows" | "cols";

/** Zooms what is seen; tokens stay whole while their cells are large, so that a click closer shows fewer units first. */
export function zoomMap(
  session: Session,
  plot: Plot,
  height: number,
  factor: number,
  x: number,
  y: number,
  axis: Axis = "both",
) {
  const frame = session.frame.peek();
  if (frame === null) return;
  const now = windowOf(frame, plot.rows.peek(), plot.cols.peek());
  if (axis !== "cols" && now.totalRows > 0) {
    const least = Math.max(1, Math.floor(height / LARGEST.row));
    const rows = zoomRange(now.rows, now.totalRows, factor, y, least);
    plot.rows.value = unlessAll(rows, now.totalRows);
  }
  if (axis !== "rows" && now.totalCols > 0) {
    const least = Math.max(1, Math.floor(plot.width.peek() / LARGEST.col));
    if (factor > 1 || now.cols[1] - now.cols[0] > least) {
      const cols = zoomRange(now.cols, now.totalCols, factor, x, least);
      plot.cols.value = unlessAll(cols, now.totalCols);
    }
  }
}

export function resetZoom(plot: Plot): void {
  plot.rows.value = null;
  plot.cols.value = null;
}

export function panBy(plot: Plot, seen: Window, rows: number, cols: number): void {
  if (rows !== 0) plot.rows.value = unlessAll(panRange(seen.rows, seen.totalRows, rows), seen.totalRows);
  if (cols !== 0) plot.cols.value = unlessAll(panRange(seen.cols, seen.totalCols, cols), seen.totalCols);
}
