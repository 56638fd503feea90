/** Controller of a map of inputs: what pointer and keys do. Places are 0…1 from the left and from the top. */
import { placeOf } from "../../panels/pattern/points.ts";
import type { Place } from "../../panels/pattern/wire.ts";
import { beside, nearest, type Spot, type Spots, WAYS } from "../points/steps.ts";
import type { Brush, Layer, PatternStore } from "./store.ts";

/** Pixels that a drag must go to be a brush. */
const DRAG = 4;

export class MapController {
  #from: Spot | null = null;

  constructor(
    private readonly store: PatternStore,
    private readonly number: number,
  ) {}

  get layer(): Layer {
    return this.store.layers.peek()[this.number]!;
  }

  spot(i: number): Spot {
    const { x, y } = this.layer.points;
    return [x[i]! / 65535, 1 - y[i]! / 65535];
  }

  get #spots(): Spots {
    return { count: this.layer.points.x.length, at: (i) => this.spot(i) };
  }

  /** The point next to a place, if one is within reach. */
  nearest(spot: Spot, size: Spot): number | null {
    return nearest(this.#spots, spot, size);
  }

  down(spot: Spot): void {
    this.#from = spot;
  }

  /** The rectangle that is being drawn; null while the pointer only points. */
  drawn(to: Spot, [width, height]: Spot): readonly [Spot, Spot] | null {
    const from = this.#from;
    if (!from) return null;
    const far = Math.hypot((to[0] - from[0]) * width, (to[1] - from[1]) * height);
    return far < DRAG ? null : [from, to];
  }

  /** A drag chooses what is inside, a click the pattern of the point; a click beside all points lets all go. */
  up(to: Spot, size: Spot): void {
    const drawn = this.drawn(to, size);
    this.#from = null;
    if (drawn) this.store.narrow({ brush: this.#brush(...drawn) });
    else {
      const point = this.nearest(to, size);
      if (point === null) this.store.clear();
      else this.store.choose(this.layer.points.pattern[point]!, this.number);
    }
  }

  #brush([ax, ay]: Spot, [bx, by]: Spot): Brush {
    const [left, right, bottom, top] = this.layer.info.ends;
    const across = (share: number) => left + share * (right - left);
    const up = (share: number) => top - share * (top - bottom);
    const [x0, x1] = [Math.min(ax, bx), Math.max(ax, bx)];
    const [y0, y1] = [Math.min(ay, by), Math.max(ay, by)];
    return [this.number, across(x0), across(x1), up(y1), up(y0)];
  }

  /** True where the key means something here. */
  key(key: string): boolean {
    const { pointed, documents } = this.store;
    const at = pointed.peek();
    const way = WAYS[key];
    if (way) pointed.value = at === null ? this.#home() : beside(this.#spots, at, way);
    else if (key === "Enter" && at !== null) this.store.choose(this.layer.points.pattern[at]!, this.number);
    else if (key === "o" && at !== null && this.store.live) this.store.open(documents.peek()[at]!);
    else if (key === "Escape" && (at !== null || this.store.count() !== null)) {
      pointed.value = null;
      this.store.clear();
    } else return false;
    return true;
  }

  /** Where the keyboard begins: with what is nearest to the present input, else with the first. */
  #home(): number | null {
    const parts = this.store.live?.frame.peek()?.parts.pattern?.places as readonly Place[] | undefined;
    const place = parts?.[this.number];
    const from = place ? placeOf(this.layer.info, place.x, place.y) : ([0.5, 0.5] as const);
    return nearest(this.#spots, from, [1, 1], Number.POSITIVE_INFINITY);
  }
}
