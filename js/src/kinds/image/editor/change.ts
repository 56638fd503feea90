/** Changes of a picture as plain numbers, and their history. */
import type { Picture } from "../../../wire/inputs.ts";

export type Colour = readonly [number, number, number];
/** A line of the brush. Points and size are fractions of the unedited picture's width and height (size: of the width). */
export type Stroke = { points: number[]; size: number; colour: Colour };

/** A part that was cut out and is all that is left: its pixels, and where they lie in what it was cut from. */
export type Part = {
  width: number;
  height: number;
  to: Affine;
  /** It covers the frame; otherwise all of it is in the frame, and the colour of its border beside it. */
  fills: boolean;
};

export type Change = {
  /** Each was cut out of the one before it, as it lay in the frame then; the rest is of the last. */
  parts: readonly Part[];
  /** Fractions of the frame. */
  dx: number;
  dy: number;
  zoom: number;
  /** Degrees, clockwise. */
  turn: number;
  /** A factor. */
  light: number;
  /** Radius, as a fraction of the frame's width. */
  blur: number;
  strokes: readonly Stroke[];
};

export const UNTOUCHED: Change = {
  parts: [],
  dx: 0,
  dy: 0,
  zoom: 1,
  turn: 0,
  light: 1,
  blur: 0,
  strokes: [],
};

/** The change with a part of it replaced; back where it began it is `UNTOUCHED` itself. */
export function changed(change: Change, patch: Partial<Change>): Change {
  const next = { ...change, ...patch };
  const { parts, strokes, ...rest } = next;
  const still = Object.entries(rest).every(([key, value]) => UNTOUCHED[key as keyof Change] === value);
  return still && parts.length + strokes.length === 0 ? UNTOUCHED : next;
}

/** A picture as it was picked, the size it is worked on at, and what was done to it. */
export type Work = { source: Picture; width: number; height: number; change: Change };

/** The longest side that is sent. */
export const LARGEST = 512;
/** Drawings and uploads for a small model are made at about this size: one sees what one does. */
const COMFORTABLE = 256;

/** A work on a picture that keeps its size. */
export function workOn(source: Picture): Work {
  const shrink = Math.min(1, LARGEST / Math.max(source.width, source.height));
  const side = (length: number) => Math.max(1, Math.round(length * shrink));
  return { source, width: side(source.width), height: side(source.height), change: UNTOUCHED };
}

/** A size of the model's proportions to upload to and draw at. */
export function sizeFor(model: { width: number; height: number }): { width: number; height: number } {
  const longest = Math.max(1, model.width, model.height);
  const times = longest > LARGEST ? LARGEST / longest : Math.max(1, Math.floor(COMFORTABLE / longest));
  const side = (length: number) => Math.max(1, Math.round(length * times));
  return { width: side(model.width), height: side(model.height) };
}

// ---- coordinates -----------------------------------------------------------------------------------------

/** x' = a·x + b·y + c, y' = d·x + e·y + f. */
export type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** Pixels of the frame → pixels of what is moved in it: the source, or the part that was cut out last. */
export function frameToPart({ source, width, height, change }: Work): Affine {
  const part = change.parts.at(-1);
  const under = part ?? source;
  const chosen = (part?.fills ?? true) ? Math.max : Math.min;
  const scale = 1 / (chosen(width / under.width, height / under.height) * change.zoom);
  const angle = (change.turn * Math.PI) / 180;
  const [cos, sin] = [scale * Math.cos(angle), scale * Math.sin(angle)];
  const [x, y] = [width * (0.5 + change.dx), height * (0.5 + change.dy)];
  return [cos, sin, under.width / 2 - cos * x - sin * y, -sin, cos, under.height / 2 + sin * x - cos * y];
}

/** Pixels of the frame → pixels of the source. */
export function frameToSource(work: Work): Affine {
  return work.change.parts.reduceRight((within, part) => compose(part.to, within), frameToPart(work));
}

/** First `inner`, then `outer`. */
export function compose(outer: Affine, [a, b, c, d, e, f]: Affine): Affine {
  const [p, q, r, s, t, u] = outer;
  return [p * a + q * d, p * b + q * e, p * c + q * f + r, s * a + t * d, s * b + t * e, s * c + t * f + u];
}

export function apply([a, b, c, d, e, f]: Affine, x: number, y: number): [number, number] {
  return [a * x + b * y + c, d * x + e * y + f];
}

/** Fractions of the frame → fractions of the source: where a brush at (x, y) touches the picture. */
export function onSource(work: Work, x: number, y: number): [number, number] {
  const [u, v] = apply(frameToSource(work), x * work.width, y * work.height);
  return [u / work.source.width, v / work.source.height];
}

/** A brush of `size` frame widths, in widths of the source. */
export function brushOnSource(work: Work, size: number): number {
  const [a, , , d] = frameToSource(work);
  return (size * work.width * Math.hypot(a, d)) / work.source.width;
}

/** The cell of a grid under a point; fractions in, [row, column] out. */
export function cellAt(grid: readonly [number, number], x: number, y: number): [number, number] {
  const clamp = (value: number, count: number) => Math.min(count - 1, Math.max(0, Math.floor(value * count)));
  return [clamp(y, grid[0]), clamp(x, grid[1])];
}

// ---- history ---------------------------------------------------------------------------------------------

export type History = {
  past: readonly Work[];
  now: Work;
  future: readonly Work[];
  /** Steps with the same tag, one after another, are one step back. */
  tag: string | null;
};

const LONGEST = 200;

export const begin = (now: Work): History => ({ past: [], now, future: [], tag: null });

export function step(history: History, now: Work, tag: string | null = null): History {
  const joins = tag !== null && tag === history.tag;
  const past = joins ? history.past : [...history.past, history.now].slice(-LONGEST);
  return { past, now, future: [], tag };
}

export function undo({ past, now, future, tag }: History): History {
  const last = past.at(-1);
  return last
    ? { past: past.slice(0, -1), now: last, future: [now, ...future], tag: null }
    : { past, now, future, tag };
}

export function redo({ past, now, future, tag }: History): History {
  const next = future[0];
  return next
    ? { past: [...past, now], now: next, future: future.slice(1), tag: null }
    : { past, now, future, tag };
}
