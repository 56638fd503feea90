/** Lines of a column's values over its range, as numbers and paths. */
import type { Column } from "../wire/traits.ts";

type Cell = number | string;

/** The outline of a histogram in a box 100 wide. */
export function outline(histogram: readonly number[], height: number): string {
  const most = Math.max(1e-300, ...histogram);
  const wide = 100 / histogram.length;
  const steps = histogram.map(
    (count, i) => `V${round(height * (1 - count / most))}H${round((i + 1) * wide)}`,
  );
  return `M0 ${height}${steps.join("")}V${height}Z`;
}

/** Where a value lies on the axis of `xs`, 0…1, at its end when beyond it; null for what is not on it. */
export function placeOf(value: Cell | undefined, xs: readonly Cell[]): number | null {
  const [first, last] = [xs[0], xs.at(-1)];
  if (typeof first === "number" && typeof last === "number") {
    if (typeof value !== "number") return null;
    return last > first ? Math.min(1, Math.max(0, (value - first) / (last - first))) : 0.5;
  }
  const i = xs.indexOf(value!);
  return i < 0 ? null : (i + 0.5) / xs.length;
}

/** The value of the column at a fraction of its axis, in its own steps. */
export function valueAt(fraction: number, column: Column): Cell {
  const at = Math.min(1, Math.max(0, fraction));
  if (column.kind === "category") {
    return column.values[Math.min(column.values.length - 1, Math.floor(at * column.values.length))] ?? "";
  }
  const { low, high, step } = column;
  const value = low + at * (high - low);
  const stepped = step > 0 ? low + Math.round((value - low) / step) * step : value;
  // Through text, so that 3 × 0.1 is 0.3.
  return Number(Math.min(high, stepped).toPrecision(12));
}

/** The height of a line at a place on its axis: between its points on the straight line from one to the next. */
export function heightAt(ys: ArrayLike<number>, place: number, steps: boolean): number {
  const at = steps ? Math.floor(place * ys.length) : place * (ys.length - 1);
  const left = Math.min(ys.length - 1, Math.max(0, Math.floor(at)));
  const right = Math.min(ys.length - 1, left + 1);
  return steps ? ys[left]! : ys[left]! + (at - left) * (ys[right]! - ys[left]!);
}

type Shape = {
  lo: number;
  hi: number;
  width: number;
  height: number;
  /** One level for each value. */
  steps: boolean;
};

/** A line through `ys` from `lo` (bottom) to `hi` (top) of a box; a gap where there is no number. */
export function line(ys: ArrayLike<number>, { lo, hi, width, height, steps }: Shape): string {
  let path = "";
  let pen = "M";
  for (let i = 0; i < ys.length; i++) {
    const y = ys[i]!;
    const level = round(height * (1 - (hi > lo ? (y - lo) / (hi - lo) : 0.5)));
    if (!Number.isFinite(y)) pen = "M";
    else if (steps)
      path += `M${round((i * width) / ys.length)} ${level}H${round(((i + 1) * width) / ys.length)}`;
    else {
      path += `${pen}${round(ys.length > 1 ? (i * width) / (ys.length - 1) : 0)} ${level}`;
      pen = "L";
    }
  }
  return path;
}

/** One class of all points; `values` is [points, classes]. */
export function classOf(values: Float32Array, classes: number, which: number): Float32Array {
  return Float32Array.from({ length: values.length / classes }, (_, i) => values[i * classes + which]!);
}

const round = (value: number) => Math.round(10 * value) / 10;
