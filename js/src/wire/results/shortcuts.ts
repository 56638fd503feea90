/**
 * Shortcuts as the page knows them: the trait `shortcuts_info`, which
 * `neuronwidget/widgets/answers/results/shortcuts_info.py` writes.
 */
import type { UnitName } from "../protocol.ts";
import type { Figure, Pixels64 } from "./shown.ts";
import type { UnitsInfo } from "./units.ts";

/** A plain property of the inputs, which labels it tells apart by itself, and how well. */
export type PropertyRow = {
  property: string;
  tells: string;
  auroc: number | null;
  low: number | null;
  high: number | null;
  telling: boolean;
};

/** A unit that was tried: what holding it at its mean does to right answers. */
export type GainRow = {
  unit: UnitName;
  /** "together" where it is one with others, "suspected" where it could not be tried. */
  state: string;
  gain: number | null;
  low: number | null;
  high: number | null;
  /** The same of random units of its site that were changed as much. */
  random: number[];
  /** On which inputs, in words; "" where these are the data as they are. */
  tried_on: string;
};

/** Where a unit looks, on the inputs that it is strongest on. */
export type LookRow = {
  unit: UnitName;
  /** What the places are: "places", "tokens", "columns". */
  words: string;
  where: [place: string, share: number][];
  /** Of pictures their mean, and the same in grey with where the unit looks in a colour. */
  average: Pixels64 | null;
  marked: Pixels64 | null;
};

export type ShortcutsInfo = {
  model: string;
  verdict: string;
  figures: Figure[];
  /** Which properties the data were checked for, in words. */
  tried: string;
  /** Inputs that units were chosen on, and inputs that they were tried on. */
  halves: [number, number];
  properties: PropertyRow[];
  units: UnitsInfo;
  gains: GainRow[];
  /** What came of units that were held together, a sentence each. */
  sets: string[];
  looks: LookRow[];
  notes: string[];
};
