/** Controller of the heatmap: what is painted, and what pointer and keys do. */
import type { Cell, Window } from "../../paint/cells.ts";
import { type Range, reveal, unlessAll } from "../../paint/region.ts";
import { formatValue, tableFor, valueOfByte } from "../../paint/scale.ts";
import { dark } from "../../paint/theme.ts";
import { splitUnit, tokenGlyphs } from "../../paint/words.ts";
import type { Session } from "../../session/session.ts";
import { cellSteps } from "../../ui/gestures.ts";
import { PictureController } from "../../ui/plot/picture-controller.ts";
import type { MapAction } from "../../ui/plot/picture-keys.ts";
import type { Plot } from "../../ui/plot/plot.ts";
import type { Frame } from "../../wire/frame.ts";
import { textWindow } from "../../wire/tokens.ts";
import { byteAt, cellAt, cellOf, MAP_PICTURE, rowsOfUnit, windowOf } from "./cells.ts";
import { mapOf } from "./wire.ts";
import { panBy, resetZoom, zoomMap } from "./zoom.ts";

type Place = [row: number, col: number];
type Move = Extract<MapAction, { kind: "move" | "edge" }>;

export class MapController extends PictureController {
  /** Where the keyboard's cell goes as soon as the reply reaches there. */
  #goal: Place | null = null;
  readonly #stepX = cellSteps();
  readonly #stepY = cellSteps();

  constructor(
    session: Session,
    plot: Plot,
    private readonly height: number,
  ) {
    super(session, plot, MAP_PICTURE);
  }

  protected takes(): boolean {
    return true;
  }

  protected cellAt(frame: Frame, x: number, y: number): Cell | null {
    return cellAt(frame, this.#seen(frame), x, y);
  }

  protected picture() {
    const frame = this.session.frame.value;
    const rows = this.plot.rows.value;
    const cols = this.plot.cols.value;
    const ground = dark.value;
    const { height } = this;
    const map = mapOf(frame);
    if (!frame || !map) return { height, picture: null };
    const seen = windowOf(frame, rows, cols);
    const picture = {
      bytes: map.cells,
      shape: map.shape,
      table: tableFor(map.scale, ground),
      rows: map.rows,
      cols: map.cols,
      seenRows: seen.rows,
      seenCols: seen.cols,
    };
    return { height, picture };
  }

  protected override pan(dx: number, dy: number, width: number, height: number): void {
    const frame = this.session.frame.peek();
    if (frame === null) return;
    const seen = this.#seen(frame);
    const cols = this.#stepX(-dx, width / (seen.cols[1] - seen.cols[0]));
    const rows = this.#stepY(-dy, height / (seen.rows[1] - seen.rows[0]));
    panBy(this.plot, seen, rows, cols);
  }

  protected override zoom(factor: number, x: number, y: number): void {
    zoomMap(this.session, this.plot, this.height, factor, x, y);
  }

  protected override refresh(frame: Frame): void {
    const pointed = this.pointed();
    if (this.#goal) this.#step(frame, ...this.#goal);
    else if (pointed?.by === "keys") {
      this.#step(frame, pointed.cell.rows[0], pointed.cell.tokens[0] - textWindow(frame).first);
    } else super.refresh(frame);
  }

  protected act(action: MapAction, frame: Frame): void {
    if (!mapOf(frame)) return;
    const seen = this.#seen(frame);
    if (seen.totalRows === 0 || seen.totalCols === 0) return;
    const cell = this.pointed()?.cell ?? null;
    switch (action.kind) {
      case "zoom":
        this.#zoomOn(cell ?? cellOf(frame, ...this.#home(frame, seen)), frame, seen, action.factor);
        break;
      case "reset":
        resetZoom(this.plot);
        break;
      case "pan": {
        const tenth = ([from, to]: Range) => Math.ceil((to - from) / 10);
        panBy(this.plot, seen, action.rows * tenth(seen.rows), action.cols * tenth(seen.cols));
        break;
      }
      case "away":
        this.#goal = null;
        this.pointer.leave();
        break;
      case "select":
        if (cell) this.pointer.choose(cell);
        break;
      case "pin":
        this.#pin(cell);
        break;
      default:
        this.#move(action, cell, frame, seen);
    }
  }

  #seen(frame: Frame): Window {
    return windowOf(frame, this.plot.rows.peek(), this.plot.cols.peek());
  }

  #zoomOn(cell: Cell | null, frame: Frame, seen: Window, factor: number): void {
    const [x, y] = cell ? middleOf(cell, seen, textWindow(frame).first) : [0.5, 0.5];
    this.zoom(factor, x, y);
  }

  #pin(cell: Cell | null): void {
    const unit = this.session.unit.peek();
    if (cell) this.pointer.pin(cell);
    else if (unit !== null) this.session.togglePin(unit);
  }

  #move(action: Move, cell: Cell | null, frame: Frame, seen: Window): void {
    const goal = this.#goal;
    if (!cell && !goal) {
      this.#step(frame, ...this.#home(frame, seen));
      return;
    }
    const rows: Range = goal ? [goal[0], goal[0] + 1] : cell!.rows;
    const from = goal ? goal[1] : cell!.tokens[0] - textWindow(frame).first;
    const wide = goal ? 1 : cell!.tokens[1] - cell!.tokens[0];
    if (action.kind === "edge") this.#step(frame, rows[0], action.to === "start" ? 0 : seen.totalCols - 1);
    // A pooled cell is stepped over as a whole.
    else this.#step(frame, rows[0] + action.rows * (rows[1] - rows[0]), from + action.cols * wide);
  }

  /** Where the keyboard's cell starts: at what is selected, if it can be seen. */
  #home(frame: Frame, seen: Window): Place {
    const { session, plot } = this;
    const [site, index] = splitUnit(session.unit.peek() ?? ":");
    const rows = site === frame.head.site ? rowsOfUnit(frame, index, session.view.peek()) : null;
    const col = (plot.token.peek() ?? -1) - textWindow(frame).first;
    const inside = col >= seen.cols[0] && col < seen.cols[1];
    return [rows?.[0] ?? seen.rows[0], inside ? col : seen.cols[0]];
  }

  /** Brings the keyboard's cell to a place, and what is seen with it. */
  #step(frame: Frame, toRow: number, toCol: number): void {
    const { plot } = this;
    const seen = this.#seen(frame);
    this.#goal = null;
    if (seen.totalRows === 0 || seen.totalCols === 0) {
      this.pointer.leave();
      return;
    }
    const row = Math.min(seen.totalRows - 1, Math.max(0, toRow));
    const col = Math.min(seen.totalCols - 1, Math.max(0, toCol));
    const rows = reveal(seen.rows, seen.totalRows, row);
    const cols = reveal(seen.cols, seen.totalCols, col);
    plot.rows.value = unlessAll(rows, seen.totalRows);
    plot.cols.value = unlessAll(cols, seen.totalCols);
    const cell = cellOf(frame, row, col);
    const place = cell && this.placeOf(...middleOf(cell, { rows, cols }, textWindow(frame).first));
    if (!place) {
      this.#goal = [row, col];
      return;
    }
    this.pointer.refresh(cell, ...place, "keys");
    const name = MAP_PICTURE.unitOf(frame, cell) ?? frame.head.site;
    const value = formatValue(valueOfByte(byteAt(frame, cell), frame.parts.map!.scale));
    const token = cell.tokens[0];
    plot.announcement.value = `${name}, token ${token} ${tokenGlyphs(frame, token)}, about ${value}`;
  }
}

function middleOf(cell: Cell, seen: { rows: Range; cols: Range }, first: number): [number, number] {
  const wide = seen.cols[1] - seen.cols[0];
  const tall = seen.rows[1] - seen.rows[0];
  const x = ((cell.tokens[0] + cell.tokens[1]) / 2 - first - seen.cols[0]) / wide;
  const y = ((cell.rows[0] + cell.rows[1]) / 2 - seen.rows[0]) / tall;
  return [Math.min(1, Math.max(0, x)), Math.min(1, Math.max(0, y))];
}
