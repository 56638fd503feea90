/** Half-open ranges over rows or columns: clamping, zooming, panning, and where a range lies on the screen. */

export type Range = [number, number];

/** `range` moved and cut so that it lies in 0…total; null is all of it. Its length is kept where it fits. */
export function clampRange(range: Range | null, total: number): Range {
  if (range === null || total <= 0) return [0, Math.max(0, total)];
  const length = Math.min(total, Math.max(1, Math.round(range[1] - range[0])));
  const start = Math.min(total - length, Math.max(0, Math.round(range[0])));
  return [start, start + length];
}

/** Zooms by `factor` (below 1: closer) so that what lies at the fraction `at` of the range stays there. */
export function zoomRange(range: Range, total: number, factor: number, at: number, least = 4): Range {
  const old = range[1] - range[0];
  const smallest = Math.min(least, total);
  // A step always changes something: rounding must not swallow a small zoom.
  const wanted =
    factor < 1 ? Math.min(old - 1, Math.round(old * factor)) : Math.max(old + 1, Math.round(old * factor));
  const length = Math.min(total, Math.max(smallest, wanted));
  const start = Math.round(range[0] + at * (old - length));
  return clampRange([start, start + length], total);
}

export function panRange(range: Range, total: number, by: number): Range {
  return clampRange([range[0] + Math.round(by), range[1] + Math.round(by)], total);
}

/** The nearest range of the same length that holds `index`. */
export function reveal(range: Range, total: number, index: number): Range {
  const by = index < range[0] ? index - range[0] : index >= range[1] ? index - range[1] + 1 : 0;
  return panRange(range, total, by);
}

/** null when the range is everything: the request then follows the text as it grows. */
export function unlessAll(range: Range, total: number): Range | null {
  return range[0] <= 0 && range[1] >= total ? null : range;
}

/** The item under a fraction 0…1 of the range. */
export function itemAt(fraction: number, range: Range): number {
  const length = range[1] - range[0];
  return range[0] + Math.min(length - 1, Math.max(0, Math.floor(fraction * length)));
}

/** Where `inner` lies along `outer`, as fractions: start and length. May lie outside 0…1. */
export function fractions(inner: Range, outer: Range): [number, number] {
  const length = Math.max(1, outer[1] - outer[0]);
  return [(inner[0] - outer[0]) / length, (inner[1] - inner[0]) / length];
}

/** The bin that holds item `index` when the items of `range` are pooled into `bins`, or null outside. */
export function binOf(index: number, range: Range, bins: number): number | null {
  const length = range[1] - range[0];
  if (index < range[0] || index >= range[1] || length <= 0) return null;
  // Bin b holds the items from floor(b·n/bins) on; its inverse.
  return Math.min(bins - 1, Math.floor(((index - range[0] + 1) * bins - 1) / length));
}

/** The items pooled into bin `bin`. */
export function itemsOf(bin: number, range: Range, bins: number): Range {
  const length = range[1] - range[0];
  return [range[0] + Math.floor((bin * length) / bins), range[0] + Math.floor(((bin + 1) * length) / bins)];
}
