/**
 * Converts between values, positions along a colour scale, bytes of the wire and colours. See `Scale` in protocol.ts.
 *
 * Bytes 3…255 are 253 equal steps of position from `lo` to `hi`; 0, 1, 2 are NaN, −∞ and +∞.
 */

import { FIRST } from "../wire/codes.ts";
import type { Scale } from "../wire/protocol.ts";
import { colourTable, css, luminance, pinHue } from "./colours.ts";

const STEPS = 255 - FIRST;

/** 256 × 0xAABBGGRR (little-endian RGBA for a Uint32Array over ImageData): index with a byte of `map` or `overview`. */
export function tableFor(scale: Pick<Scale, "signed">, dark: boolean): Uint32Array {
  return colourTable(scale.signed, dark ? "dark" : "light");
}

/** Position before it is stretched between the ends. */
function bend(value: number, scale: Scale): number {
  if (scale.mode === "linear") return value;
  return Math.sign(value) * Math.log1p(Math.abs(value) / knee(scale));
}

function knee(scale: Scale): number {
  return scale.knee > 0 ? scale.knee : 1;
}

/** Exact value → 0…1 along the scale, clamped at its ends; null when not finite. */
export function positionOf(value: number, scale: Scale): number | null {
  if (!Number.isFinite(value)) return null;
  const lo = bend(scale.lo, scale);
  const hi = bend(scale.hi, scale);
  if (!(hi > lo)) return scale.signed ? 0.5 : 0;
  return Math.min(1, Math.max(0, (bend(value, scale) - lo) / (hi - lo)));
}

/** 0…1 along the scale → value. */
export function valueAt(position: number, scale: Scale): number {
  const lo = bend(scale.lo, scale);
  const hi = bend(scale.hi, scale);
  const bent = lo + position * (hi - lo);
  if (scale.mode === "linear") return bent;
  return Math.sign(bent) * Math.expm1(Math.abs(bent)) * knee(scale);
}

/** The value in the middle of a byte's step; NaN, −Infinity and Infinity for 0, 1 and 2. */
export function valueOfByte(byte: number, scale: Scale): number {
  if (byte === 0) return Number.NaN;
  if (byte === 1) return Number.NEGATIVE_INFINITY;
  if (byte === 2) return Number.POSITIVE_INFINITY;
  return valueAt((byte - FIRST) / STEPS, scale);
}

/** The byte the kernel would send for a value. */
export function byteOf(value: number, scale: Scale): number {
  if (Number.isNaN(value)) return 0;
  if (value === Number.NEGATIVE_INFINITY) return 1;
  if (value === Number.POSITIVE_INFINITY) return 2;
  return FIRST + Math.round(positionOf(value, scale)! * STEPS);
}

/** `rgb(r g b)` of an exact value; NaN and ±∞ have their own colours. */
export function colourOf(value: number, scale: Scale, dark: boolean): string {
  return css(tableFor(scale, dark)[byteOf(value, scale)]!);
}

/** Is black or white text the better read on an exact value's colour? */
export function inkOn(value: number, scale: Scale, dark: boolean): "black" | "white" {
  // Contrast with white is 1.05 / (L + .05), with black (L + .05) / .05: equal at L = .179.
  return luminance(tableFor(scale, dark)[byteOf(value, scale)]!) > 0.179 ? "black" : "white";
}

/** A CSS colour for the i-th pin; the colour-blind tell them apart too. */
export function hueOf(pin: number, dark: boolean): string {
  return pinHue(pin, dark ? "dark" : "light");
}

/** A `linear-gradient` along the whole scale, for legends drawn without a canvas. */
export function gradientOf(scale: Pick<Scale, "signed">, dark: boolean, direction = "to right"): string {
  const table = tableFor(scale, dark);
  const stops = [];
  for (let i = 0; i <= 18; i++) stops.push(css(table[FIRST + Math.round((i / 18) * STEPS)]!));
  return `linear-gradient(${direction}, ${stops.join(", ")})`;
}

export type Tick = { value: number; position: number; label: string };

/** The labels at the ends stand beside their ticks and not around them: they need so much more. */
const END = 1.5;

/** Ticks of a legend: both ends always, zero where it lies inside, and round values that leave room for their labels. */
export function legendTicks(scale: Scale, room = 0.16): Tick[] {
  const tick = (value: number, position = positionOf(value, scale)!): Tick => ({
    value,
    position,
    label: formatValue(value),
  });
  if (!(scale.hi > scale.lo)) return [tick(scale.lo, scale.signed ? 0.5 : 0)];
  const ticks = [tick(scale.lo, 0), tick(scale.hi, 1)];
  const wanted = scale.mode === "linear" ? roundValues(scale) : powers(scale);
  if (scale.lo < 0 && scale.hi > 0) wanted.unshift(0);
  for (const value of wanted) {
    const position = positionOf(value, scale)!;
    const far = ({ position: other }: Tick) => {
      const isEnd = other === 0 || other === 1;
      return Math.abs(other - position) >= (isEnd ? END : 1) * room;
    };
    if (ticks.every(far)) ticks.push(tick(value, position));
  }
  return ticks.sort((a, b) => a.position - b.position);
}

function roundValues({ lo, hi }: Scale): number[] {
  const rough = (hi - lo) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 2.5, 5, 10].find((m) => m * power >= rough) ?? 10);
  const values = [];
  for (let n = Math.ceil(lo / step); n * step < hi && values.length < 20; n++) {
    // Through text, so that 3 × 0.1 is 0.3.
    values.push(Number((n * step).toPrecision(12)));
  }
  return values;
}

function powers(scale: Scale): number[] {
  const most = Math.max(Math.abs(scale.lo), Math.abs(scale.hi));
  const values = [];
  for (let e = Math.floor(Math.log10(most)), n = 0; n < 6; e--, n++) {
    for (const value of [10 ** e, -(10 ** e)]) if (value > scale.lo && value < scale.hi) values.push(value);
  }
  return values;
}

/** Three significant digits, as on an axis: 3.41, −0.002, 1.2e5, NaN, ∞. */
export function formatValue(value: number): string {
  return spell(value, (size) => {
    if (size !== 0 && (size < 1e-3 || size >= 1e5)) return size.toExponential(2).replace(/\.?0+e\+?/, "e");
    if (size >= 1000) return size.toFixed(0);
    return trim(size.toPrecision(3));
  });
}

/** The shortest decimal that is this float32 and no other. */
/** A change: with its sign. */
export const signedValue = (change: number): string => `${change > 0 ? "+" : ""}${formatValue(change)}`;

export function formatExact(value: number): string {
  return spell(value, (size) => {
    const single = Math.fround(size);
    for (let digits = 1; digits < 9; digits++) {
      const short = single.toPrecision(digits);
      if (Math.fround(Number(short)) === single) return String(Number(short)).replace("e+", "e");
    }
    return String(Number(single.toPrecision(9))).replace("e+", "e");
  });
}

function trim(digits: string): string {
  return digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
}

function spell(value: number, positive: (size: number) => string): string {
  if (Number.isNaN(value)) return "NaN";
  const size = Math.abs(value);
  const digits = size === Number.POSITIVE_INFINITY ? "∞" : positive(size);
  // A true minus sign: as wide as a digit, and not broken across lines. "-0" reads as 0.
  return value < 0 && digits !== "0" ? `−${digits.replace("e-", "e−")}` : digits.replace("e-", "e−");
}
