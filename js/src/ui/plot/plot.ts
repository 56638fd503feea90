/**
 * State that the pictures of one widget share: the width of their token axis, what is zoomed to, what is pointed
 * at.
 */
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Cell } from "../../paint/cells.ts";
import type { Range } from "../../paint/region.ts";
import type { Session } from "../../session/session.ts";
import type { Frame } from "../../wire/frame.ts";
import type { Where } from "../../wire/shared.ts";

/** A picture of cells over the tokens, as far as pointing at it and reading it go. */
export interface PlotPicture {
  readonly where: Where;
  /** What a click on a cell does, in words. */
  readonly act: string;
  /** Does a choice move the view to the cell's site? */
  readonly choosesSite?: boolean;
  siteOf(frame: Frame, cell: Cell): string;
  /** The unit of a cell as far as the frame itself tells: exact for a row of one unit, the row's strongest else. */
  unitOf(frame: Frame, cell: Cell): string | null;
  /** How many units are pooled in a cell; 0: not known. */
  unitCount(cell: Cell): number;
  /** null: the frame does not have it. */
  exactValue(frame: Frame, unit: string, token: number): number | null;
  /** The value as exact as its colour; null: the frame does not have this picture. */
  colourValue(frame: Frame, cell: Cell): number | null;
}

export type Pointing = {
  picture: PlotPicture;
  cell: Cell;
  /** Pixels from the corner of the widget. */
  x: number;
  y: number;
  by: "pointer" | "keys";
};

export interface Plot {
  /** CSS pixels of every token axis; 0 until it has been measured. */
  readonly width: Signal<number>;
  /** null: all of them. */
  readonly rows: Signal<Range | null>;
  readonly cols: Signal<Range | null>;
  readonly pointing: Signal<Pointing | null>;
  /** The tokens pointed at, in a picture or elsewhere in the view. */
  readonly pointed: Session["pointed"];
  /** Short words for the live region. */
  readonly announcement: Signal<string>;
  /** The token that guesses, values and lists speak of: the selected one, else the one under the cursor. */
  readonly token: ReadonlySignal<number | null>;
}

export function createPlot(session: Session): Plot {
  return {
    width: signal(0),
    rows: signal<Range | null>(null),
    cols: signal<Range | null>(null),
    pointing: signal<Pointing | null>(null),
    pointed: session.pointed,
    announcement: signal(""),
    token: computed(() => session.selection.value.token ?? session.frame.value?.head.token ?? null),
  };
}

/** Places `node` against the widget: tooltips live in its coordinates. */
export function placeIn(node: Element): { left: number; top: number } {
  const anchor = node.closest(".nw-root")?.getBoundingClientRect();
  return { left: anchor?.left ?? 0, top: anchor?.top ?? 0 };
}
