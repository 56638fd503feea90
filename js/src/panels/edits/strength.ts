/**
 * Strength of an edit on a slider: off at its left end, ten times at its right, as it is in the middle; between them
 * equal ways are equal ratios.
 */
import { formatValue } from "../../paint/scale.ts";

/** The slider's ends. */
export const END = 100;
/** Places as near the middle as this are the middle: nobody hits one point of two hundred. */
const REST = 5;
const TOP = 10;

export function factorAt(position: number): number {
  if (position <= -END) return 0;
  const out = Math.abs(position) - REST;
  return out <= 0 ? 1 : round(TOP ** ((Math.sign(position) * out) / (END - REST)));
}

/** Place of a factor on the slider: of a negative one that of its size; beyond ten times the end. */
export function positionOf(factor: number): number {
  const size = Math.abs(factor);
  if (size === 0) return -END;
  const out = Math.round((Math.log(size) / Math.log(TOP)) * (END - REST));
  return Math.max(1 - END, Math.min(END, out + Math.sign(out) * REST));
}

/** Factors by which keys multiply. */
const STEPS: Record<string, number> = {
  ArrowRight: TOP ** (1 / 20),
  ArrowUp: TOP ** (1 / 20),
  ArrowLeft: TOP ** (-1 / 20),
  ArrowDown: TOP ** (-1 / 20),
  PageUp: TOP ** (1 / 4),
  PageDown: TOP ** (-1 / 4),
};

/** The factor after a key on the slider; null where the key is none of its own. */
export function factorAfter(factor: number, key: string): number | null {
  const size = Math.abs(factor);
  const sign = factor < 0 ? -1 : 1;
  if (key === "Home") return 0;
  if (key === "End") return sign * TOP;
  const step = STEPS[key];
  if (step === undefined) return null;
  if (size === 0) return step > 1 ? 1 / TOP : 0;
  const next = round(size * step);
  if (next < 1 / TOP) return 0;
  // Nobody steps over the place where nothing is changed.
  if ((size - 1) * (next - 1) < 0) return sign;
  return sign * Math.min(next, Math.max(size, TOP));
}

/** «off», «as it is», «3 times», «turned round, half as strong» … */
export function sayFactor(factor: number): string {
  if (factor === 0) return "off";
  if (factor === 1) return "as it is";
  const times = `${formatValue(Math.abs(factor))} times`;
  return factor < 0 ? `turned round, ${times}` : times;
}

const round = (factor: number): number => Number(factor.toPrecision(2));
