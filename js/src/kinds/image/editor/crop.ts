/** Rectangle that is to be cut out of a picture: drawn, pulled, moved, kept to whole pixels, and cut. */
import { type Affine, changed, compose, frameToPart, LARGEST, UNTOUCHED, type Work } from "./change.ts";

/** From … to, in fractions of the frame. */
type Span = readonly [low: number, high: number];
export type Rect = readonly [x: Span, y: Span];
/** The sides that are held: −1 the left or upper side, 1 the right or lower one, 0 neither. */
export type Grip = readonly [x: -1 | 0 | 1, y: -1 | 0 | 1];
type Pair = readonly [x: number, y: number];

/** Smaller ones can hardly be seen, let alone be held. */
const LEAST = 0.04;
/** The rectangle that keys begin with. */
export const MIDDLE: Rect = [
  [0.125, 0.875],
  [0.125, 0.875],
];

const within = (value: number, low: number, high: number) => Math.max(low, Math.min(high, value));
const length = ([low, high]: Span) => high - low;
const both = (make: (axis: 0 | 1) => Span): Rect => [make(0), make(1)];
/** As long as it was asked for, and in the frame. */
const placed = (low: number, long: number): Span => {
  const from = within(low, 0, 1 - long);
  return [from, from + long];
};

export function moved(rect: Rect, by: Pair): Rect {
  return both((axis) => placed(rect[axis][0] + by[axis], length(rect[axis])));
}

/** A side or a corner pulled, past the opposite one too. `alike`: of the frame's proportions. */
export function pulled(rect: Rect, grip: Grip, by: Pair, alike: boolean): Rect {
  const ends = ([0, 1] as const).map((axis) => {
    const [low, high] = rect[axis];
    if (grip[axis] === 0) return { still: (low + high) / 2, way: 0, long: high - low };
    const [still, held] = grip[axis] < 0 ? [high, low] : [low, high];
    const long = within(held + by[axis], 0, 1) - still;
    return { still, way: Math.sign(long) || grip[axis], long: Math.abs(long) };
  });
  const room = ends.map(({ still, way }) => {
    if (way === 0) return 2 * Math.min(still, 1 - still);
    return way > 0 ? 1 - still : still;
  });
  const longest = Math.max(...ends.filter(({ way }) => way !== 0).map(({ long }) => long));
  return both((axis) => {
    const { still, way } = ends[axis]!;
    const long = alike ? Math.min(longest, ...room) : ends[axis]!.long;
    const low = way === 0 ? still - long / 2 : way > 0 ? still : still - long;
    return [low, low + long];
  });
}

/** Longer or shorter by a key: to the right and down, and the other way where there is no more room. */
export function grown(rect: Rect, by: Pair, alike: boolean): Rect {
  const most = Math.max(...rect.map(length)) + by[0] + by[1];
  return both((axis) => {
    const long = alike ? most : length(rect[axis]) + by[axis];
    return placed(rect[axis][0], within(long, 0, 1));
  });
}

/** Rectangle of the frame's proportions, around the same middle where there is room. */
export function alike(rect: Rect): Rect {
  const long = Math.min(...rect.map(length));
  return both((axis) => placed((rect[axis][0] + rect[axis][1] - long) / 2, long));
}

/** On the edges of pixels where these are upright, and never too small. */
export function snapped(work: Work, rect: Rect): Rect {
  const [a, , c, , e, f] = frameToPart(work);
  const upright = work.change.turn % 360 === 0;
  return both((axis) => {
    const [low, high] = rect[axis];
    // Pixels of what is cut: how many in the frame, and which one its edge is at.
    const [many, first] = axis === 0 ? [a * work.width, c] : [e * work.height, f];
    if (!upright) return placed(low, Math.max(LEAST, high - low));
    const long = Math.max(1, Math.ceil(LEAST * many), Math.round(many * (high - low)));
    const [from, to] = [Math.ceil(first - 1e-6), Math.floor(first + many + 1e-6) - long];
    const at = Math.max(from, Math.min(to, Math.round(many * low + first)));
    const place = (pixel: number) => within((pixel - first) / many, 0, 1);
    return [place(at), place(at + long)];
  });
}

/** What one key moves: a pixel where pixels are large. */
export function stepOf(work: Work): Pair {
  const [a, , , d] = frameToPart(work);
  const pixel = 1 / Math.hypot(a, d);
  return [Math.max(0.02, pixel / work.width), Math.max(0.02, pixel / work.height)];
}

/** Only what lies in the rectangle is left. How it was turned, shifted and zoomed goes into the part. */
export function cutOut(work: Work, rect: Rect, fills: boolean): Work {
  const frame = frameToPart(work);
  const scale = Math.hypot(frame[0], frame[3]);
  const [wide, high] = [work.width * length(rect[0]), work.height * length(rect[1])];
  const density = Math.min(scale, LARGEST / Math.max(wide, high));
  const [width, height] = [Math.max(1, Math.round(density * wide)), Math.max(1, Math.round(density * high))];
  const inFrame: Affine = [
    wide / width,
    0,
    work.width * rect[0][0],
    0,
    high / height,
    work.height * rect[1][0],
  ];
  const part = { width, height, to: compose(frame, inFrame), fills };
  const { dx, dy, zoom, turn } = UNTOUCHED;
  return {
    ...work,
    change: changed(work.change, { parts: [...work.change.parts, part], dx, dy, zoom, turn }),
  };
}

/** Where the frame would lie over the picture if the rectangle were cut out. */
export function frameAround(rect: Rect, fills: boolean): Rect {
  const long = (fills ? Math.min : Math.max)(...rect.map(length));
  return both((axis) => {
    const middle = (rect[axis][0] + rect[axis][1]) / 2;
    return [middle - long / 2, middle + long / 2];
  });
}

/** How large, and where: for those who do not see it. */
export function inWords(work: Work, rect: Rect): string {
  const [left, top] = rect.map(([low]) => `${Math.round(100 * low)} %`);
  return `${sizeOf(work, rect)} pixels, ${left} from the left, ${top} from the top`;
}

export function sizeOf(work: Work, rect: Rect): string {
  const { width, height } = cutOut(work, rect, true).change.parts.at(-1)!;
  return `${width} × ${height}`;
}
