/** A unit's values over the tokens as a line: a step a token, a gap where there is no number. */

import type { Scale } from "../wire/protocol.ts";
import type { Range } from "./region.ts";
import { positionOf } from "./scale.ts";

/** Distance from the top, in a box of `height` with a margin of one pixel. */
export function heightOf(value: number, scale: Scale, height: number): number | null {
  const position = positionOf(value, scale);
  return position === null ? null : 1 + (1 - position) * (height - 2);
}

/**
 * The SVG path of `values[cols]` in a box of width × height. Where several tokens share a pixel, the one of
 * largest magnitude is drawn, as in the map.
 */
export function tracePath(
  values: ArrayLike<number>,
  cols: Range,
  scale: Scale,
  width: number,
  height: number,
): string {
  const count = cols[1] - cols[0];
  if (count <= 0 || width <= 0) return "";
  const steps = Math.min(count, Math.max(1, Math.floor(width)));
  let path = "";
  let drawing = false;
  for (let step = 0; step < steps; step++) {
    const y = heightOf(strongestOf(values, cols, step, steps), scale, height);
    if (y === null) {
      drawing = false;
      continue;
    }
    const left = round((step * width) / steps);
    const right = round(((step + 1) * width) / steps);
    path += drawing ? `V${round(y)}H${right}` : `M${left} ${round(y)}H${right}`;
    drawing = true;
  }
  return path;
}

function strongestOf(values: ArrayLike<number>, cols: Range, step: number, steps: number): number {
  const count = cols[1] - cols[0];
  const from = cols[0] + Math.floor((step * count) / steps);
  const to = cols[0] + Math.floor(((step + 1) * count) / steps);
  let best = values[from] ?? Number.NaN;
  for (let i = from + 1; i < to; i++) {
    const value = values[i] ?? Number.NaN;
    if (Number.isNaN(best) || Math.abs(value) > Math.abs(best)) best = value;
  }
  return best;
}

function round(x: number): number {
  return Math.round(x * 100) / 100;
}

/** Do two units rise and fall together? Pearson's r over the tokens where both are finite; null when it is undefined. */
export function togetherness(a: ArrayLike<number>, b: ArrayLike<number>): number | null {
  let n = 0;
  let meanA = 0;
  let meanB = 0;
  let aa = 0;
  let bb = 0;
  let ab = 0;
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const x = a[i]!;
    const y = b[i]!;
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    n += 1;
    const dx = x - meanA;
    const dy = y - meanB;
    meanA += dx / n;
    meanB += dy / n;
    aa += dx * (x - meanA);
    bb += dy * (y - meanB);
    ab += dx * (y - meanB);
  }
  if (n < 3 || aa <= 0 || bb <= 0) return null;
  return Math.max(-1, Math.min(1, ab / Math.sqrt(aa * bb)));
}

/** The next of 1, 2, 5 × a power of ten: ends that seldom move while one types. */
function roundUp(size: number): number {
  if (!(size > 0) || !Number.isFinite(size)) return 0;
  const power = 10 ** Math.floor(Math.log10(size));
  const step = [1, 2, 5].find((m) => size <= m * power * (1 + 1e-6)) ?? 10;
  return Number((step * power).toPrecision(6));
}

/** The site's scale with ends fitted to one unit, so that a weak unit's line is a line; pinned ends stay. */
export function ownScale(values: ArrayLike<number>, scale: Scale): Scale {
  if (scale.pinned) return scale;
  let low = 0;
  let high = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  // Two sides of zero are drawn to one measure.
  const most = roundUp(Math.max(high, -low)) || 1;
  const lo = low < 0 ? -Math.min(most, roundUp(-low)) : 0;
  const hi = high > 0 ? Math.min(most, roundUp(high)) : lo < 0 ? 0 : most;
  return { ...scale, lo, hi };
}
