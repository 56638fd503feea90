/** Finds cells of the map: between fractions of the picture, bins of the reply, units and tokens. */

import type { Cell, Window } from "../../paint/cells.ts";
import { binOf, clampRange, itemAt, itemsOf, type Range } from "../../paint/region.ts";
import { valueOfByte } from "../../paint/scale.ts";
import { parseUnits } from "../../session/unit-filter.ts";
import type { PlotPicture } from "../../ui/plot/plot.ts";
import type { Frame } from "../../wire/frame.ts";
import type { ViewSettings } from "../../wire/protocol.ts";
import { textWindow, tokenCount } from "../../wire/tokens.ts";
import { exactValue } from "../top/exact-value.ts";
import { mapOf } from "./wire.ts";

export function windowOf(frame: Frame, rows: Range | null, cols: Range | null): Window {
  const totalRows = frame.parts.map?.total ?? 0;
  const totalCols = tokenCount(frame);
  return { rows: clampRange(rows, totalRows), cols: clampRange(cols, totalCols), totalRows, totalCols };
}

/** The bin of the reply that holds this row and column of the window, or null where the reply has nothing. */
export function cellOf(frame: Frame, row: number, col: number): Cell | null {
  const map = mapOf(frame);
  if (!map) return null;
  const [height, width] = map.shape;
  const y = binOf(row, map.rows, height);
  const x = binOf(col, map.cols, width);
  if (y === null || x === null) return null;
  const [from, to] = itemsOf(x, map.cols, width);
  const { first } = textWindow(frame);
  return { row: y, col: x, rows: itemsOf(y, map.rows, height), tokens: [first + from, first + to] };
}

/** The bin under fractions 0…1 of the picture. */
export function cellAt(frame: Frame, window: Window, x: number, y: number): Cell | null {
  if (window.totalCols === 0 || window.totalRows === 0) return null;
  return cellOf(frame, itemAt(y, window.rows), itemAt(x, window.cols));
}

/** The byte of a bin. */
export function byteAt(frame: Frame, cell: Cell): number {
  const map = mapOf(frame);
  return map?.cells[cell.row * map.shape[1] + cell.col] ?? 0;
}

/** The rows that stand for a unit, as far as the reply tells, or null. */
export function rowsOfUnit(frame: Frame, index: number, view: ViewSettings): Range | null {
  const map = mapOf(frame);
  if (!map) return null;
  if (view.order === "index") {
    const { units } = parseUnits(view.filter, Number.POSITIVE_INFINITY);
    const row = units === null ? index : units.indexOf(index);
    return row >= 0 && row < map.total ? [row, row + 1] : null;
  }
  const { unit, site } = frame.head;
  if (unit === `${site}:${index}` && map.selected !== null) return [map.selected, map.selected + 1];
  // In another order only the reply knows where a unit stands, and of a bin only its strongest unit.
  const bin = map.units.indexOf(index);
  return bin < 0 ? null : itemsOf(bin, map.rows, map.shape[0]);
}

/** The map as pointer and tooltip know it. */
export const MAP_PICTURE: PlotPicture = {
  where: "map",
  act: "follow this unit",
  siteOf: ({ head }) => head.site,
  unitOf(frame, { row }) {
    const index = mapOf(frame)?.units[row];
    return index === undefined ? null : `${frame.head.site}:${index}`;
  },
  unitCount: ({ rows }) => rows[1] - rows[0],
  exactValue,
  colourValue(frame, cell) {
    const map = mapOf(frame);
    return map && valueOfByte(byteAt(frame, cell), map.scale);
  },
};
