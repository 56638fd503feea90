/** Lays out a long list, so that only what is in sight need be there. Pure. */
import type { Stratum } from "../../../wire/atlas-protocol.ts";

export type Item =
  | { kind: "head"; stratum: Stratum; top: number; height: number }
  /** Places `first` … `last` − 1 of the list side by side. */
  | { kind: "line"; first: number; last: number; top: number; height: number }
  | { kind: "open"; place: number; top: number; height: number };

export type Sizes = { line: number; head: number; open: number; perLine: number };

/** All items from top to bottom. `open`: the place whose document is open, or null. */
export function layOut(total: number, strata: readonly Stratum[], open: number | null, sizes: Sizes): Item[] {
  const items: Item[] = [];
  let top = 0;
  const add = (item: Item) => {
    items.push({ ...item, top });
    top += item.height;
  };
  const lines = (from: number, to: number) => {
    for (let first = from; first < to; first += sizes.perLine) {
      const last = Math.min(to, first + sizes.perLine);
      add({ kind: "line", first, last, top, height: sizes.line });
      if (open !== null && open >= first && open < last)
        add({ kind: "open", place: open, top, height: sizes.open });
    }
  };
  if (strata.length === 0) lines(0, total);
  for (const stratum of strata) {
    add({ kind: "head", stratum, top, height: sizes.head });
    lines(stratum.first, Math.min(total, stratum.first + stratum.count));
  }
  return items;
}

export function heightOf(items: readonly Item[]): number {
  const last = items.at(-1);
  return last ? last.top + last.height : 0;
}

/** The items between two heights, and a little around. */
export function inSight(items: readonly Item[], top: number, bottom: number, around = 200): Item[] {
  const first = firstAfter(items, top - around);
  let last = first;
  while (last < items.length && items[last]!.top < bottom + around) last++;
  return items.slice(first, last);
}

/** The first item that ends below a height. */
function firstAfter(items: readonly Item[], height: number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items[middle]!.top + items[middle]!.height <= height) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Where the list must be scrolled to so that a place is in sight; null: it is. */
export function scrollTo(items: readonly Item[], place: number, top: number, view: number): number | null {
  const item = items.find((one) => one.kind === "line" && place >= one.first && place < one.last);
  if (!item) return null;
  if (item.top < top) return item.top;
  return item.top + item.height > top + view ? item.top + item.height - view : null;
}
