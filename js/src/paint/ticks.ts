/** Chooses which rows and columns get a label, given the room. */
import type { Range } from "./region.ts";

export type Tick = { index: number; at: number };

/** Round steps 1, 2, 5, 10, … so that labels stand at least `gap` pixels apart. */
export function roundStep(count: number, pixels: number, gap: number): number {
  if (pixels <= 0) return Math.max(1, count);
  const least = (count * gap) / pixels;
  let step = 1;
  for (let i = 0; step < least; i++) step *= i % 3 === 1 ? 2.5 : 2;
  return Math.round(step);
}

/** Ticks at the middles of items whose number is a multiple of a round step; `first` is added to number them. */
export function ticksOf(range: Range, pixels: number, gap: number, first = 0): Tick[] {
  const count = range[1] - range[0];
  if (count <= 0) return [];
  const step = roundStep(count, pixels, gap);
  const ticks: Tick[] = [];
  for (let number = Math.ceil((range[0] + first) / step) * step; number < range[1] + first; number += step) {
    ticks.push({ index: number - first, at: ((number - first - range[0] + 0.5) * pixels) / count });
  }
  return ticks;
}

/** Is there room for a label on every item? */
export function roomForAll(range: Range, pixels: number, each: number): boolean {
  const count = range[1] - range[0];
  return count > 0 && pixels / count >= each;
}
