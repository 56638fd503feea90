/** Controller of the overview: what is painted, and what pointer and keys do. */
import type { Cell } from "../../paint/cells.ts";
import type { Range } from "../../paint/region.ts";
import { tableFor } from "../../paint/scale.ts";
import { dark } from "../../paint/theme.ts";
import { tokenGlyphs } from "../../paint/words.ts";
import type { Session } from "../../session/session.ts";
import { PictureController } from "../../ui/plot/picture-controller.ts";
import type { MapAction } from "../../ui/plot/picture-keys.ts";
import type { Plot } from "../../ui/plot/plot.ts";
import type { Frame } from "../../wire/frame.ts";
import { textWindow, tokenCount } from "../../wire/tokens.ts";
import { OVERVIEW_PICTURE, overviewCellAt } from "./cells.ts";
import { overviewOf } from "./wire.ts";

/** The fewest and the most pixels a layer gets, and all layers together. */
const ROW = { least: 3, most: 20, all: 150 };
const WHOLE: Range = [0, 1];

export function rowHeight(count: number): number {
  return Math.max(ROW.least, Math.min(ROW.most, Math.floor(ROW.all / Math.max(1, count))));
}

export class OverviewController extends PictureController {
  constructor(session: Session, plot: Plot) {
    super(session, plot, OVERVIEW_PICTURE);
  }

  protected takes({ kind }: MapAction, frame: Frame | null): boolean {
    return overviewOf(frame) !== null && kind !== "zoom" && kind !== "reset" && kind !== "pan";
  }

  protected cellAt(frame: Frame, x: number, y: number): Cell | null {
    return overviewCellAt(frame, x, y);
  }

  protected picture() {
    const frame = this.session.frame.value;
    const table = tableFor({ signed: false }, dark.value);
    const overview = overviewOf(frame);
    const region = { rows: WHOLE, cols: WHOLE, seenRows: WHOLE, seenCols: WHOLE };
    const picture = overview && { bytes: overview.cells, shape: overview.shape, table, ...region };
    const count = overview?.shape[0] ?? 1;
    return { height: rowHeight(count) * count, picture };
  }

  protected act(action: MapAction, frame: Frame): void {
    if (tokenCount(frame) === 0) return;
    const pointed = this.pointed();
    const cell = pointed?.cell ?? this.#home(frame);
    if (action.kind === "away") this.pointer.leave();
    else if (action.kind === "select" && cell) this.pointer.choose(cell);
    else if (action.kind === "pin" && cell) this.pointer.pin(cell);
    else this.#step(action, cell, pointed !== null, frame);
  }

  /** Brings the keyboard's cell to the next place; the first key only shows it. */
  #step(action: MapAction, from: Cell | null, isShown: boolean, frame: Frame): void {
    const [rows, cols] = overviewOf(frame)!.shape;
    let row = from?.row ?? 0;
    let col = from?.col ?? 0;
    if (action.kind === "move" && isShown) {
      row += Math.sign(action.rows);
      col += action.cols;
    } else if (action.kind === "edge") col = action.to === "start" ? 0 : cols - 1;
    const x = (Math.min(cols - 1, Math.max(0, col)) + 0.5) / cols;
    const y = (Math.min(rows - 1, Math.max(0, row)) + 0.5) / rows;
    const cell = overviewCellAt(frame, x, y);
    const place = cell && this.placeOf(x, y);
    if (!place) return;
    this.pointer.point(cell, ...place, "keys");
    const site = OVERVIEW_PICTURE.siteOf(frame, cell);
    const token = cell.tokens[0];
    this.plot.announcement.value = `${site}, token ${token} ${tokenGlyphs(frame, token)}`;
  }

  /** Where the keyboard's cell starts: at the site and the token that are looked at. */
  #home(frame: Frame): Cell | null {
    const sites = frame.parts.overview?.sites ?? [];
    const rows = sites.length;
    const row = Math.max(0, sites.indexOf(this.session.site.peek()));
    const tokens = tokenCount(frame);
    const { first } = textWindow(frame);
    const index = (this.plot.token.peek() ?? first) - first;
    return rows > 0 && tokens > 0 ? overviewCellAt(frame, (index + 0.5) / tokens, (row + 0.5) / rows) : null;
  }
}
