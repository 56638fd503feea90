/** Points at cells and chooses them, in the heatmap and the overview alike. */
import { batch } from "@preact/signals";
import type { Cell } from "../../paint/cells.ts";
import { splitUnit } from "../../paint/words.ts";
import { isLive, type Session } from "../../session/session.ts";
import type { Frame } from "../../wire/frame.ts";
import type { ProbeAnswer } from "../../wire/protocol.ts";
import type { Plot, PlotPicture, Pointing } from "./plot.ts";

/** Does a reading belong to this cell? One of the cell before may still be under way. */
export function answers(
  probe: ProbeAnswer | null,
  frame: Frame,
  picture: PlotPicture,
  cell: Cell,
): probe is ProbeAnswer {
  if (probe?.where !== picture.where || probe.x !== cell.col || probe.y !== cell.row) return false;
  if (probe.token < cell.tokens[0] || probe.token >= cell.tokens[1]) return false;
  const [site] = splitUnit(probe.unit);
  if (site !== picture.siteOf(frame, cell)) return false;
  return picture.unitCount(cell) !== 1 || probe.unit === picture.unitOf(frame, cell);
}

/** Points at cells of one picture and chooses them; what needs a reading waits until it has come. */
export class CellPointer {
  #pending: { cell: Cell; act: (unit: string) => void } | null = null;

  constructor(
    private readonly session: Session,
    private readonly plot: Plot,
    private readonly picture: PlotPicture,
  ) {}

  /** Does what waited for a reading, whenever one has come: runs in an effect. */
  settle(): void {
    const probe = this.session.probe.value;
    const pending = this.#pending;
    const frame = this.session.frame.peek();
    if (probe === null || pending === null || frame === null) return;
    if (!answers(probe, frame, this.picture, pending.cell)) return;
    this.#pending = null;
    pending.act(probe.unit);
  }

  leave(): void {
    if (this.plot.pointing.peek()?.picture === this.picture) this.#pointAt(null);
    // A choice that waits for its reading still wants it.
    if (this.#pending === null) this.session.endProbe();
  }

  point(cell: Cell | null, x: number, y: number, by: Pointing["by"]): void {
    const { picture } = this;
    const before = this.plot.pointing.peek();
    const same = before?.picture === picture && before.cell.row === cell?.row && before.cell.col === cell.col;
    if (cell !== null && same) this.#pointAt({ picture, cell, x, y, by });
    else {
      this.#pending = null;
      this.refresh(cell, x, y, by);
    }
  }

  /** The same after a new frame: its values are asked for again even where the cell is the same. */
  refresh(cell: Cell | null, x: number, y: number, by: Pointing["by"]): void {
    if (cell === null) {
      this.leave();
      return;
    }
    this.#pointAt({ picture: this.picture, cell, x, y, by });
    this.session.probeAt(this.picture.where, cell.col, cell.row);
  }

  /** Selects the cell's token and its strongest unit, as soon as that is known. */
  choose(cell: Cell): void {
    const { session, picture } = this;
    const frame = session.frame.peek();
    if (frame === null) return;
    // The strongest token of a bin of several is the reading's to tell.
    session.setToken(cell.tokens[0]);
    const site = picture.siteOf(frame, cell);
    if (picture.choosesSite && site !== "") session.setSite(site);
    this.#withUnit(cell, (unit) => {
      const probe = session.probe.peek();
      if (cell.tokens[1] - cell.tokens[0] > 1 && answers(probe, frame, picture, cell))
        session.setToken(probe.token);
      session.setUnit(unit);
    });
  }

  /** Pins or unpins the cell's strongest unit. */
  pin(cell: Cell): void {
    this.#withUnit(cell, (unit) => this.session.togglePin(unit));
  }

  #pointAt(pointing: Pointing | null): void {
    batch(() => {
      this.plot.pointing.value = pointing;
      this.session.pointed.value = pointing?.cell.tokens ?? null;
    });
  }

  #withUnit(cell: Cell, act: (unit: string) => void): void {
    const { session, picture } = this;
    const frame = session.frame.peek();
    // Without a kernel another unit has no values; the token alone can be chosen.
    if (frame === null || !isLive(session)) return;
    this.#pending = null;
    const probe = session.probe.peek();
    const single = picture.unitCount(cell) === 1;
    if (!single && answers(probe, frame, picture, cell)) act(probe.unit);
    else if (single) {
      const unit = picture.unitOf(frame, cell);
      if (unit !== null) act(unit);
    } else {
      this.#pending = { cell, act };
      session.probeAt(picture.where, cell.col, cell.row);
    }
  }
}
