/** Finds cells of the map: between fractions of the picture, bins of the reply, units and tokens. */

import { parseUnits } from "../session/unit-filter.ts";
import type { Frame } from "../wire/frame.ts";
import type { ViewSettings } from "../wire/protocol.ts";
import { binOf, clampRange, itemAt, itemsOf, type Range } from "./region.ts";
import { splitUnit, tokenCount } from "./words.ts";

/** What the page shows of the map; the reply may still be of another part of it. */
export type Window = { rows: Range; cols: Range; totalRows: number; totalCols: number };

export function windowOf(frame: Frame, rows: Range | null, cols: Range | null): Window {
  const totalRows = frame.header.map?.total ?? 0;
  const totalCols = tokenCount(frame);
  return { rows: clampRange(rows, totalRows), cols: clampRange(cols, totalCols), totalRows, totalCols };
}

/** A bin of the reply: its place, and the rows and tokens (counted from the start of the whole text) pooled in it. */
export type Cell = { row: number; col: number; rows: Range; tokens: Range };

/** The bin of the reply that holds this row and column of the window, or null where the reply has nothing. */
export function cellOf(frame: Frame, row: number, col: number): Cell | null {
  const map = frame.header.map;
  if (map === null || frame.mapShape === null) return null;
  const [height, width] = frame.mapShape;
  const y = binOf(row, map.rows, height);
  const x = binOf(col, map.cols, width);
  if (y === null || x === null) return null;
  const [from, to] = itemsOf(x, map.cols, width);
  const first = frame.header.window.first;
  return { row: y, col: x, rows: itemsOf(y, map.rows, height), tokens: [first + from, first + to] };
}

/** The bin under fractions 0…1 of the picture. */
export function cellAt(frame: Frame, window: Window, x: number, y: number): Cell | null {
  if (window.totalCols === 0 || window.totalRows === 0) return null;
  return cellOf(frame, itemAt(y, window.rows), itemAt(x, window.cols));
}

/** Same for the overview: rows are sites, columns all tokens of the window. */
export function overviewCellAt(frame: Frame, x: number, y: number): Cell | null {
  const shape = frame.overviewShape;
  const tokens = tokenCount(frame);
  if (shape === null || tokens === 0 || shape[0] === 0) return null;
  const row = itemAt(y, [0, shape[0]]);
  const col = binOf(itemAt(x, [0, tokens]), [0, tokens], shape[1]) ?? 0;
  const [from, to] = itemsOf(col, [0, tokens], shape[1]);
  const first = frame.header.window.first;
  return { row, col, rows: [row, row + 1], tokens: [first + from, first + to] };
}

/** The byte of a bin. */
export function byteAt(frame: Frame, cell: Cell): number {
  return frame.map?.[cell.row * (frame.mapShape?.[1] ?? 0) + cell.col] ?? 0;
}

/** The rows that stand for a unit, as far as the reply tells, or null. */
export function rowsOfUnit(frame: Frame, index: number, view: ViewSettings): Range | null {
  const map = frame.header.map;
  if (map === null || frame.mapUnits === null || frame.mapShape === null) return null;
  if (view.order === "index") {
    const { units } = parseUnits(view.filter, Number.POSITIVE_INFINITY);
    const row = units === null ? index : units.indexOf(index);
    return row >= 0 && row < map.total ? [row, row + 1] : null;
  }
  if (frame.header.unit === `${frame.header.site}:${index}` && map.selected !== null)
    return [map.selected, map.selected + 1];
  // In another order only the reply knows where a unit stands, and of a bin only its strongest unit.
  const bin = frame.mapUnits.indexOf(index);
  return bin < 0 ? null : itemsOf(bin, map.rows, frame.mapShape[0]);
}

/** The exact value of the selected or a pinned unit at a token, when the frame has it. */
export function exactValue(frame: Frame, unit: string, token: number): number | null {
  const index = token - frame.header.window.first;
  const tokens = tokenCount(frame);
  if (index < 0 || index >= tokens) return null;
  if (unit === frame.header.unit && frame.unit) return frame.unit[index] ?? null;
  const pin = frame.header.pins.indexOf(unit);
  if (pin >= 0 && frame.pins) return frame.pins[pin * tokens + index] ?? null;
  const top = splitUnit(unit);
  if (top[0] === frame.header.site && token === frame.header.token && frame.topUnits && frame.topValues) {
    const place = frame.topUnits.indexOf(top[1]);
    if (place >= 0) return frame.topValues[place] ?? null;
  }
  return null;
}
