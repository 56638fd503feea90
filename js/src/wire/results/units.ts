/** A table of units with an effect each, as several results have one; Python writes it in `answers/results/units_info.py`. */
import type { UnitName } from "../protocol.ts";

export type UnitRow = {
  unit: UnitName;
  effect: number | null;
  low: number | null;
  high: number | null;
  q: number | null;
  /** Does it pass? */
  found: boolean;
  /** Of the further columns. */
  cells: (number | string | null)[];
};

export type UnitsInfo = {
  /** What the effect is called, and what it means. */
  effect: string;
  hint: string;
  /** The effect of a unit that does nothing. */
  zero: number;
  /** Of the axis that all effects share. */
  ends: [low: number, high: number];
  /** Between which ends nearly all effects lie where chance alone acts; null: that was not tried. */
  null: [low: number, high: number] | null;
  columns: [name: string, hint: string][];
  /** How many there are; the first of them are rows. */
  total: number;
  rows: UnitRow[];
};
