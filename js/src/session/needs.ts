/** Needs of all views of one widget: the next request asks for exactly what is on the screen. */
import { same } from "../wire/inputs.ts";
import type { MapWant, SweepWant, TilesWant } from "../wire/protocol.ts";

export type MapNeed = Omit<MapWant, "order" | "hold" | "units">;
export type Needs = {
  map: MapNeed | null;
  overview: { width: number } | null;
  guesses: number;
  top: number;
  // Of pictures and tables, and only where they are wanted.
  tiles?: TilesWant | null;
  sweep?: SweepWant | null;
  classes?: boolean;
};

const NOTHING: Needs = { map: null, overview: null, guesses: 0, top: 0 };

export class NeedBook {
  /** In the order of their last change: where two views differ, the one that was touched last is served. */
  readonly #views = new Map<symbol, Needs>();

  /** True when this is news. */
  set<P extends keyof Needs>(view: symbol, part: P, want: Needs[P]): boolean {
    const before = this.#views.get(view) ?? NOTHING;
    if (same(before[part], want)) return false;
    this.#views.delete(view);
    this.#views.set(view, { ...before, [part]: want });
    return true;
  }

  drop(view: symbol): void {
    this.#views.delete(view);
  }

  union(): Needs {
    const sum: Needs = { ...NOTHING };
    for (const { map, overview, guesses, top, tiles, sweep, classes } of this.#views.values()) {
      if (map) {
        sum.map = {
          ...map,
          width: Math.max(map.width, sum.map?.width ?? 0),
          height: Math.max(map.height, sum.map?.height ?? 0),
        };
      }
      if (overview) sum.overview = { width: Math.max(overview.width, sum.overview?.width ?? 0) };
      sum.guesses = Math.max(sum.guesses, guesses);
      sum.top = Math.max(sum.top, top);
      if (tiles) sum.tiles = tiles;
      if (sweep) sum.sweep = sweep;
      if (classes) sum.classes = true;
    }
    return sum;
  }
}
