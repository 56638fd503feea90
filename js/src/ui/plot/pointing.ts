/** Pointing at cells and choosing them, in the heatmap and the overview alike. */
import { useRef } from "preact/hooks";
import type { Cell } from "../../paint/cells.ts";
import { splitUnit } from "../../paint/words.ts";
import { isLive, type Session } from "../../session/session.ts";
import type { Frame } from "../../wire/frame.ts";
import type { ProbeAnswer } from "../../wire/protocol.ts";
import { useSyncEffect } from "../sync-effect.ts";
import type { Plot, Pointing } from "./plot.ts";

type Where = Pointing["where"];

/** The site of a cell of the map or the overview. */
export function siteOf(frame: Frame, where: Where, cell: Cell): string {
  return where === "map" ? frame.header.site : (frame.header.overview?.sites[cell.row] ?? "");
}

/** The unit of a cell as far as the frame itself tells: exact for a row of one unit, the row's strongest else. */
export function unitOf(frame: Frame, where: Where, cell: Cell): string | null {
  const index = where === "map" ? frame.mapUnits?.[cell.row] : undefined;
  return index === undefined ? null : `${frame.header.site}:${index}`;
}

/** Does a reading belong to this cell? One of the cell before may still be under way. */
export function answers(probe: ProbeAnswer | null, frame: Frame, where: Where, cell: Cell): boolean {
  if (probe === null || probe.where !== where || probe.x !== cell.col || probe.y !== cell.row) return false;
  if (probe.token < cell.tokens[0] || probe.token >= cell.tokens[1]) return false;
  const [site] = splitUnit(probe.unit);
  if (site !== siteOf(frame, where, cell)) return false;
  const single = where === "map" && cell.rows[1] - cell.rows[0] === 1;
  return !single || probe.unit === unitOf(frame, where, cell);
}

export type Pointer = {
  point(cell: Cell | null, x: number, y: number, by: Pointing["by"]): void;
  /** The same after a new frame: its values are asked for again even where the cell is the same. */
  refresh(cell: Cell | null, x: number, y: number, by: Pointing["by"]): void;
  leave(): void;
  /** Selects the cell's token and its strongest unit, as soon as that is known. */
  choose(cell: Cell): void;
  /** Pins or unpins the cell's strongest unit. */
  pin(cell: Cell): void;
};

export function usePointer(session: Session, plot: Plot, where: Where): Pointer {
  const pending = useRef<{ cell: Cell; act: (unit: string) => void } | null>(null);

  useSyncEffect(() => {
    const probe = session.probe.value;
    const waiting = pending.current;
    const frame = session.frame.peek();
    if (probe === null || waiting === null || frame === null) return;
    if (!answers(probe, frame, where, waiting.cell)) return;
    pending.current = null;
    waiting.act(probe.unit);
  });

  const withUnit = (cell: Cell, act: (unit: string) => void) => {
    const frame = session.frame.peek();
    // Without a kernel another unit has no values; the token alone can be chosen.
    if (frame === null || !isLive(session)) return;
    pending.current = null;
    const probe = session.probe.peek();
    const single = where === "map" && cell.rows[1] - cell.rows[0] === 1;
    if (!single && answers(probe, frame, where, cell)) act(probe!.unit);
    else if (single) {
      const unit = unitOf(frame, where, cell);
      if (unit !== null) act(unit);
    } else {
      pending.current = { cell, act };
      session.probeAt(where, cell.col, cell.row);
    }
  };

  const leave = () => {
    if (plot.pointing.peek()?.where === where) plot.pointing.value = null;
    // A choice that waits for its reading still wants it.
    if (pending.current === null) session.endProbe();
  };
  const refresh = (cell: Cell | null, x: number, y: number, by: Pointing["by"]) => {
    if (cell === null) return leave();
    plot.pointing.value = { where, cell, x, y, by };
    session.probeAt(where, cell.col, cell.row);
  };

  return {
    leave,
    refresh,
    point(cell, x, y, by) {
      const before = plot.pointing.peek();
      const same = before?.where === where && before.cell.row === cell?.row && before.cell.col === cell.col;
      if (cell !== null && same) plot.pointing.value = { where, cell, x, y, by };
      else {
        pending.current = null;
        refresh(cell, x, y, by);
      }
    },
    choose(cell) {
      const frame = session.frame.peek();
      if (frame === null) return;
      // The strongest token of a bin of several is the reading's to tell.
      session.setToken(cell.tokens[0]);
      const site = siteOf(frame, where, cell);
      if (where === "overview" && site !== "") session.setSite(site);
      withUnit(cell, (unit) => {
        const probe = session.probe.peek();
        if (cell.tokens[1] - cell.tokens[0] > 1 && answers(probe, frame, where, cell))
          session.setToken(probe!.token);
        session.setUnit(unit);
      });
    },
    pin: (cell) => withUnit(cell, (unit) => session.togglePin(unit)),
  };
}
