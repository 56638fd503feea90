/** Keeps what is chosen in sight where one is zoomed in: the token as one types, the unit as it is picked in a list. */
import { reveal, unlessAll } from "../../paint/region.ts";
import { splitUnit } from "../../paint/words.ts";
import type { Session } from "../../session/session.ts";
import { useSyncEffect } from "../../ui/hooks/sync-effect.ts";
import type { Plot } from "../../ui/plot/plot.ts";
import { textWindow } from "../../wire/tokens.ts";
import { rowsOfUnit, windowOf } from "./cells.ts";

export function useFollow(session: Session, plot: Plot): void {
  useSyncEffect(() => {
    const token = plot.token.value;
    const frame = session.frame.peek();
    const cols = plot.cols.peek();
    if (token === null || frame === null || cols === null) return;
    const seen = windowOf(frame, null, cols);
    const index = token - textWindow(frame).first;
    if (index < 0 || index >= seen.totalCols) return;
    plot.cols.value = unlessAll(reveal(seen.cols, seen.totalCols, index), seen.totalCols);
  });
  useSyncEffect(() => {
    const unit = session.unit.value;
    const frame = session.frame.peek();
    const rows = plot.rows.peek();
    if (unit === null || frame === null || rows === null) return;
    const [site, index] = splitUnit(unit);
    const at = site === frame.head.site ? rowsOfUnit(frame, index, session.view.peek()) : null;
    if (at === null) return;
    const seen = windowOf(frame, rows, null);
    plot.rows.value = unlessAll(reveal(seen.rows, seen.totalRows, at[0]), seen.totalRows);
  });
}
