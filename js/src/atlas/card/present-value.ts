/** Ranks values of the present input within what the unit did over the data set; all of it computed in the page. */
import { unitValues } from "../../panels/trace/wire.ts";
import type { Frame } from "../../wire/frame.ts";
import type { UnitName } from "../../wire/protocol.ts";
import { textWindow } from "../../wire/tokens.ts";
import type { Answer } from "../session/channel.ts";

export type Card = Answer<"card">;

export const countsOf = (card: Card) => (card.data.get("counts") ?? new Int32Array(0)) as Int32Array;
export const exemplarsOf = (card: Card, group: "top" | "bottom") =>
  (card.data.get(group) ?? new Float32Array(0)) as Float32Array;

export type PresentValue = {
  value: number;
  /** The share of all values below it; it is exact only at the ends of its bin: `least` … `most`. */
  quantile: number;
  least: number;
  most: number;
  group: "top" | "bottom";
  /** The place it would take among the exemplars, from 1; null: weaker than all that are kept. */
  rank: number | null;
  of: number;
};

export function presentValueOf(card: Card, value: number): PresentValue {
  const group = value < 0 ? "bottom" : "top";
  const exemplars = exemplarsOf(card, group);
  let stronger = 0;
  for (const exemplar of exemplars) if (Math.abs(exemplar) > Math.abs(value)) stronger++;
  const ranks = Number.isFinite(value) && stronger < exemplars.length;
  return {
    value,
    ...quantileOf(card, value),
    group,
    rank: ranks ? stronger + 1 : null,
    of: exemplars.length,
  };
}

function quantileOf(card: Card, value: number): { quantile: number; least: number; most: number } {
  const counts = countsOf(card);
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0 || Number.isNaN(value)) return { quantile: NaN, least: NaN, most: NaN };
  const place = (value - card.low) / card.width;
  if (place < 0) return { quantile: 0, least: 0, most: 0 };
  if (place >= counts.length) return { quantile: 1, least: 1, most: 1 };
  const bin = Math.floor(place);
  let below = 0;
  for (let i = 0; i < bin; i++) below += counts[i]!;
  const least = below / total;
  const most = (below + counts[bin]!) / total;
  return { quantile: least + (most - least) * (place - bin), least, most };
}

export type Mark = { value: number; at: number };
/** The value of largest magnitude in the present input, and the one at the token that is pointed at. */
export type InputValues = { peak: Mark; here: Mark | null };

/** null where the frame is of another unit, or of none. `at` counts positions of the frame. */
export function inputValuesOf(
  frame: Frame | null,
  unit: UnitName | null,
  token: number | null,
): InputValues | null {
  const values = frame && unit !== null && frame.head.unit === unit ? unitValues(frame) : null;
  if (!frame || !values || values.length === 0) return null;
  let at = -1;
  for (let i = 0; i < values.length; i++)
    if (Number.isFinite(values[i]) && (at < 0 || Math.abs(values[i]!) > Math.abs(values[at]!))) at = i;
  if (at < 0) return null;
  const here = token === null ? -1 : token - textWindow(frame).first;
  const isThere = here >= 0 && here < values.length && Number.isFinite(values[here]);
  return { peak: { value: values[at]!, at }, here: isThere ? { value: values[here]!, at: here } : null };
}

/** The strongest value of the other sign, as of units that say one thing above zero and another below; null: none. */
export function otherEndOf(frame: Frame, peak: Mark): Mark | null {
  let end: Mark | null = null;
  unitValues(frame)?.forEach((value, at) => {
    const isOther = Number.isFinite(value) && value * peak.value < 0;
    if (isOther && Math.abs(value) > Math.abs(end?.value ?? 0)) end = { value, at };
  });
  return end;
}
