/**
 * State that the pictures of one widget share: the width of their token axis, what is zoomed to, what is pointed
 * at.
 */
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Cell } from "../../paint/cells.ts";
import type { Range } from "../../paint/region.ts";
import type { Session } from "../../session/session.ts";

export type Pointing = {
  where: "map" | "overview";
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
    announcement: signal(""),
    token: computed(() => session.selection.value.token ?? session.frame.value?.header.token ?? null),
  };
}

/** Places `node` against the widget: tooltips live in its coordinates. */
export function placeIn(node: Element): { left: number; top: number } {
  const anchor = node.closest(".nw-root")?.getBoundingClientRect();
  return { left: anchor?.left ?? 0, top: anchor?.top ?? 0 };
}
