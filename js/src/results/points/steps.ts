/** Ways among points in a plane: which is next to the pointer, and to which an arrow key leads. Places are 0…1. */

export type Spot = readonly [x: number, y: number];

/** So far, in pixels, a point may be from the pointer. */
const REACH = 14;

export const WAYS: Record<string, Spot> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export type Spots = { readonly count: number; at(i: number): Spot };

/** The point with the least cost; null where none costs less than `most`. */
function cheapest(count: number, cost: (i: number) => number, most: number): number | null {
  let [best, least]: [number | null, number] = [null, most];
  for (let i = 0; i < count; i++) {
    const own = cost(i);
    if (own < least) [best, least] = [i, own];
  }
  return best;
}

/** The point next to a place, if one is within reach; of a plane of that size in pixels. */
export function nearest(spots: Spots, [x, y]: Spot, [width, height]: Spot, reach = REACH): number | null {
  const distance = (i: number) => {
    const [px, py] = spots.at(i);
    return ((px - x) * width) ** 2 + ((py - y) * height) ** 2;
  };
  return cheapest(spots.count, distance, reach * reach);
}

/** The next point in a direction: near, and not far beside it. */
export function beside(spots: Spots, from: number, [dx, dy]: Spot): number {
  const [x, y] = spots.at(from);
  const cost = (i: number) => {
    const [px, py] = spots.at(i);
    const along = (px - x) * dx + (py - y) * dy;
    const across = Math.abs((px - x) * dy) + Math.abs((py - y) * dx);
    return i !== from && along > 1e-9 ? along + 3 * across : Number.POSITIVE_INFINITY;
  };
  return cheapest(spots.count, cost, Number.POSITIVE_INFINITY) ?? from;
}
