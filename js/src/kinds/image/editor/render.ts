/**
 * Renders a work into pixels: paint, then cut, then move, then light, then blur. Pure, and exact where nothing is
 * to be done.
 */
import type { Picture } from "../../../wire/inputs.ts";
import type { Size } from "../../../wire/protocol.ts";
import { type Affine, type Colour, frameToPart, type Part, type Stroke, type Work } from "./change.ts";

/** Keeps what was painted and cut out so far: a growing stroke costs its last piece only, a moved part nothing. */
export function createRenderer(): (work: Work) => Picture {
  let painted: { source: Picture; strokes: readonly Stroke[]; picture: Picture } | null = null;
  const paint = (source: Picture, strokes: readonly Stroke[]): Picture => {
    if (strokes.length === 0) return source;
    if (painted?.source === source && painted.strokes === strokes) return painted.picture;
    const start = painted?.source === source ? continues(painted.strokes, strokes) : null;
    const rgb = start ? painted!.picture.rgb.slice() : source.rgb.slice();
    strokes.forEach((stroke, i) => {
      const from = !start || i > start[0] ? 0 : i === start[0] ? start[1] : stroke.points.length;
      paintStroke(rgb, source, stroke, from);
    });
    painted = { source, strokes, picture: { ...source, rgb } };
    return painted.picture;
  };
  const cuts: { of: Picture; part: Part; picture: Picture }[] = [];
  const cut = (of: Picture, part: Part, depth: number): Picture => {
    const before = cuts[depth];
    if (before?.of === of && before.part === part) return before.picture;
    const { width, height, to } = part;
    const picture = { width, height, rgb: sample(of, to, width, height, borderColour(of)) };
    cuts[depth] = { of, part, picture };
    return picture;
  };
  return (work) => {
    const { source, change, width } = work;
    let picture = move(change.parts.reduce(cut, paint(source, change.strokes)), work);
    if (change.light !== 1) picture = lighten(picture, change.light);
    if (change.blur > 0) picture = blur(picture, change.blur * width);
    return picture;
  };
}

/** Where `after` goes on from `before`: stroke and point number; null when it does not. */
function continues(before: readonly Stroke[], after: readonly Stroke[]): [number, number] | null {
  const last = before.length - 1;
  if (last < 0 || after.length < before.length) return null;
  for (let i = 0; i < last; i++) if (before[i] !== after[i]) return null;
  const [a, b] = [before[last]!, after[last]!];
  const grown =
    a.size === b.size && a.colour === b.colour && a.points.every((value, i) => value === b.points[i]);
  return grown ? [last, a.points.length] : null;
}

/** Paints a stroke's points from number `from` on, with soft edges one pixel wide. */
export function paintStroke(
  rgb: Uint8Array,
  { width, height }: Size,
  { points, size, colour }: Stroke,
  from = 0,
): void {
  const radius = (size * width) / 2;
  for (let i = from; i < points.length; i += 2) {
    const before = Math.max(0, i - 2);
    const [x0, y0] = [points[before]! * width, points[before + 1]! * height];
    const [x1, y1] = [points[i]! * width, points[i + 1]! * height];
    const long = (x1 - x0) ** 2 + (y1 - y0) ** 2;
    const clip = (value: number, most: number) => Math.min(most - 1, Math.max(0, Math.floor(value)));
    const right = clip(Math.max(x0, x1) + radius + 1, width);
    const bottom = clip(Math.max(y0, y1) + radius + 1, height);
    for (let y = clip(Math.min(y0, y1) - radius - 1, height); y <= bottom; y++) {
      for (let x = clip(Math.min(x0, x1) - radius - 1, width); x <= right; x++) {
        const [px, py] = [x + 0.5 - x0, y + 0.5 - y0];
        const along = long > 0 ? Math.min(1, Math.max(0, (px * (x1 - x0) + py * (y1 - y0)) / long)) : 0;
        const far = Math.hypot(px - along * (x1 - x0), py - along * (y1 - y0));
        const cover = Math.min(1, radius + 0.5 - far);
        if (cover > 0) blend(rgb, 3 * (y * width + x), colour, cover);
      }
    }
  }
}

function blend(rgb: Uint8Array, at: number, colour: Colour, cover: number): void {
  for (let c = 0; c < 3; c++) rgb[at + c] = Math.round(rgb[at + c]! + cover * (colour[c]! - rgb[at + c]!));
}

/** Shift, turn and zoom into the frame; what lies outside the picture gets the colour of its border. */
export function move(picture: Picture, work: Work): Picture {
  const affine = frameToPart(work);
  const { width, height } = work;
  const still = [1, 0, 0, 0, 1, 0].every((value, i) => Math.abs(affine[i]! - value) < 1e-9);
  if (still && width === picture.width && height === picture.height) return picture;
  return { width, height, rgb: sample(picture, affine, width, height, borderColour(picture)) };
}

/** Between four pixels, linearly; up to the very edge in the colours inside of it, and one new pixel soft there. */
function sample(
  from: Picture,
  [a, b, c, d, e, f]: Affine,
  width: number,
  height: number,
  outside: Colour,
): Uint8Array {
  const rgb = new Uint8Array(3 * width * height);
  const step = Math.hypot(a, d);
  const [right, bottom] = [from.width - 1, from.height - 1];
  const cover = (at: number, last: number) =>
    Math.min(1, Math.max(0, 0.5 + (Math.min(at, last - at) + 0.5) / step));
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      const u = a * (x + 0.5) + b * (y + 0.5) + c - 0.5;
      const v = d * (x + 0.5) + e * (y + 0.5) + f - 0.5;
      const covered = cover(u, right) * cover(v, bottom);
      const s = Math.min(right, Math.max(0, u));
      const t = Math.min(bottom, Math.max(0, v));
      const [left, top] = [Math.floor(s + 1e-9), Math.floor(t + 1e-9)];
      // Four pixels: here, to the right, below, and both.
      const here = 3 * (top * from.width + left);
      const [beside, below] = [left < right ? 3 : 0, top < bottom ? 3 * from.width : 0];
      const [p, q] = [s - left, t - top];
      for (let k = 0; k < 3; k++) {
        const i = here + k;
        const upper = (1 - p) * from.rgb[i]! + p * from.rgb[i + beside]!;
        const lower = (1 - p) * from.rgb[i + below]! + p * from.rgb[i + below + beside]!;
        rgb[at + k] = Math.round(covered * ((1 - q) * upper + q * lower) + (1 - covered) * outside[k]!);
      }
    }
  }
  return rgb;
}

/** The middle value of each channel along the border: marks in a corner do not count. */
export function borderColour({ width, height, rgb }: Picture): Colour {
  const at: number[] = [];
  for (let x = 0; x < width; x++) at.push(x, (height - 1) * width + x);
  for (let y = 0; y < height; y++) at.push(y * width, y * width + width - 1);
  const middle = (channel: number) =>
    at.map((pixel) => rgb[3 * pixel + channel]!).sort((a, b) => a - b)[at.length >> 1]!;
  return [middle(0), middle(1), middle(2)];
}

export function lighten(picture: Picture, factor: number): Picture {
  const table = Uint8Array.from({ length: 256 }, (_, byte) => Math.min(255, Math.round(byte * factor)));
  const rgb = new Uint8Array(picture.rgb.length);
  for (let i = 0; i < rgb.length; i++) rgb[i] = table[picture.rgb[i]!]!;
  return { ...picture, rgb };
}

/** Three means in a row over `radius` pixels to either side, both ways: close to a Gaussian, at the same cost for every radius. */
export function blur({ width, height, rgb }: Picture, radius: number): Picture {
  const [values, spare] = [new Float32Array(rgb), new Float32Array(rgb.length)];
  for (let pass = 0; pass < 3; pass++) {
    for (let y = 0; y < height; y++) means(values, spare, 3 * width * y, width, 3, 3, radius);
    means(spare, values, 0, height, 3 * width, 3 * width, radius);
  }
  return { width, height, rgb: new Uint8Array(new Uint8ClampedArray(values).buffer) };
}

/**
 * `count` steps of `stride` from `start` on, each of `together` numbers beside each other in memory: all columns of a
 * picture go down at once. Fractions of a pixel count as fractions, the border goes on for ever.
 */
function means(
  from: Float32Array,
  to: Float32Array,
  start: number,
  count: number,
  stride: number,
  together: number,
  radius: number,
): void {
  const whole = Math.floor(radius);
  const rest = radius - whole;
  const part = 1 / (2 * radius + 1);
  const at = (i: number) => start + stride * Math.min(count - 1, Math.max(0, i));
  const sums = new Float64Array(together);
  for (let i = -whole; i <= whole; i++) {
    for (let k = 0, here = at(i); k < together; k++) sums[k]! += from[here + k]!;
  }
  for (let i = 0; i < count; i++) {
    const [here, before, after, last] = [at(i), at(i - whole - 1), at(i + whole + 1), at(i - whole)];
    for (let k = 0; k < together; k++) {
      const next = from[after + k]!;
      to[here + k] = (sums[k]! + rest * (from[before + k]! + next)) * part;
      sums[k]! += next - from[last + k]!;
    }
  }
}
