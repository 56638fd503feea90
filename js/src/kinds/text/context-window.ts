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
