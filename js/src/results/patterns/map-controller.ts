/** Controller of a map of inputs: what pointer and keys do. Places are 0…1 from the left and from the top. */
import { placeOf } from "../../panels/pattern/points.ts";
import type { Place } from "../../panels/pattern/wire.ts";
import type { Brush, Layer, PatternStore } from "./store.ts";

/** So far, in pixels, a point may be from the pointer, and so far must a drag go to be a brush. */
const REACH = 14;
const DRAG = 4;

type Spot = readonly [x: number, y: number];
const WAYS: Record<string, Spot> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

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

  /** The point next to a place, if one is within reach. */
  nearest([x, y]: Spot, [width, height]: Spot): number | null {
    let [best, least]: [number | null, number] = [null, REACH * REACH];
    this.layer.points.x.forEach((_, i) => {
      const [px, py] = this.spot(i);
      const distance = ((px - x) * width) ** 2 + ((py - y) * height) ** 2;
      if (distance < least) [best, least] = [i, distance];
    });
    return best;
  }

  /** The next point in a direction: near, and not far beside it. */
  beside(from: number, [dx, dy]: Spot): number {
    const [x, y] = this.spot(from);
    let [best, least] = [from, Number.POSITIVE_INFINITY];
    this.layer.points.x.forEach((_, i) => {
      const [px, py] = this.spot(i);
      const along = (px - x) * dx + (py - y) * dy;
      const across = Math.abs((px - x) * dy) + Math.abs((py - y) * dx);
      const cost = along + 3 * across;
      if (i !== from && along > 1e-9 && cost < least) [best, least] = [i, cost];
    });
    return best;
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
    if (way) pointed.value = at === null ? this.#home() : this.beside(at, way);
    else if (key === "Enter" && at !== null) this.store.choose(this.layer.points.pattern[at]!, this.number);
    else if (key === "o" && at !== null && this.store.live) this.store.open(documents.peek()[at]!);
    else if (key === "Escape") {
      pointed.value = null;
      this.store.clear();
    } else return false;
    return true;
  }

  /** Where the keyboard begins: with what is nearest to the present input, else with the first. */
  #home(): number | null {
    const parts = this.store.live?.frame.peek()?.parts.pattern?.places as readonly Place[] | undefined;
    const place = parts?.[this.number];
    const { info, points } = this.layer;
    const from = place ? placeOf(info, place.x, place.y) : ([0.5, 0.5] as const);
    const [x, y] = from;
    let [best, least]: [number | null, number] = [null, Number.POSITIVE_INFINITY];
    points.x.forEach((_, i) => {
      const [px, py] = this.spot(i);
      const distance = (px - x) ** 2 + (py - y) ** 2;
      if (distance < least) [best, least] = [i, distance];
    });
    return best;
  }
}
