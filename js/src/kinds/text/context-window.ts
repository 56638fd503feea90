/** Part of an exemplar's tokens that is shown around its peak. Pure. */
import type { Context } from "../../wire/shared.ts";

/** The first token and the one after the last that are shown of `count`, around the peak. */
export function contextWindow(count: number, peak: number, context: Context): [first: number, last: number] {
  if (context === "full" || count <= Number(context)) return [0, count];
  const want = Number(context);
  // More before than after: what comes after a token, most models do not see.
  const before = context === "5" ? 2 : 10;
  const first = Math.max(0, Math.min(peak - before, count - want));
  return [first, Math.min(count, first + want)];
}

/** Lines of a block of text: at least one, at most four. */
export function linesFor(longest: number, width: number, character: number): number {
  if (width <= 0) return 1;
  return Math.min(4, Math.max(1, Math.ceil((longest * character) / width)));
}

/** Characters of some pieces; one that is empty has a sign of one. */
export function lengthOf(pieces: readonly string[], first: number, last: number): number {
  let length = 0;
  for (let i = first; i < last; i++) length += Math.max(1, pieces[i]!.length);
  return length;
}

/**
 * Characters before the peak in a row of `room`, where all have the same. `kept`: before and from the peak on that are
 * shown in any case; `known`: the same with what stands around them.
 */
export function leadFor(
  room: number,
  [before, after]: readonly [number, number],
  [lead, rest]: readonly [number, number],
): number {
  // More before than after: what comes after a token, most models do not see.
  const most = Math.floor(0.6 * room);
  const least = Math.min(before, most);
  return Math.min(lead, Math.max(least, Math.min(Math.max(most, room - rest), room - after)));
}

/** The first piece to show, so that at most so many characters stand before the peak. */
export function startFor(pieces: readonly string[], first: number, peak: number, most: number): number {
  let from = peak;
  let length = 0;
  while (from > first && length + Math.max(1, pieces[from - 1]!.length) <= most)
    length += Math.max(1, pieces[--from]!.length);
  return from;
}
