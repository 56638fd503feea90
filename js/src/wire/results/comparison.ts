/**
 * A comparison of groups of inputs as the page knows it: the trait `comparison_info`, and what one unit does, which is
 * asked for. Python writes them in `widgets/answers/results/comparison_info.py` and `answers/compared.py`.
 */
import type { UnitName } from "../protocol.ts";
import type { Figure, InputRow, InputsAnswer } from "./shown.ts";
import type { UnitsInfo } from "./units.ts";

/** The trait `comparison_info`. */
export type ComparisonInfo = {
  model: string;
  input: string;
  /** Of two groups "auroc", of more "entropy". */
  measure: string;
  verdict: string;
  figures: Figure[];
  /** What was changed in the model while it ran. */
  edits: string[];
  /** How many inputs of each found units, and how many others reported them. */
  groups: [name: string, finding: number, reporting: number][];
  /** The q-value that units must reach. */
  level: number;
  /** What the least and the largest effects mean. */
  axis: [low: string, high: string];
  sites: string[];
  /** Of effects. */
  ends: [low: number, high: number];
  /** The largest −log₁₀ q. */
  top: number;
  /**
   * In base64, of each drawn unit: its number u32, its place in `sites` u16, its effect u16 between the ends, −log₁₀ q u16
   * between 0 and `top`, and u8: 0 where it does not pass, else 1 + the group that it is higher in.
   */
  points: string;
  /** Effect u16 and −log₁₀ q u16 of units where labels are shuffled, and of an untrained model; "": not tried. */
  chance: string;
  twin: string;
  searched: number;
  drawn: number;
  units: UnitsInfo;
};

/** An input to which the unit responds strongly. */
export type ExemplarRow = InputRow & { value: number | null };

/** What a unit does on the inputs of a group that had no part in finding it. */
export type ComparedGroup = {
  name: string;
  inputs: number;
  /** Quartiles. */
  low: number | null;
  middle: number | null;
  high: number | null;
  /** At how large a share of their positions the unit is active; null: not told. */
  rate: number | null;
  /** Of equal parts between the ends: the share of inputs in each. */
  shares: number[];
  exemplars: ExemplarRow[];
};

export type ComparedAnswer = InputsAnswer & {
  /** What the effect means. */
  words: string;
  /** What an atlas says of the unit; "" without one. */
  over: string;
  /** What came of holding it at its mean; null: that was not tried. */
  cause: string | null;
  /** Of the unit's values. */
  ends: [low: number, high: number];
  groups: ComparedGroup[];
};

declare module "../atlas-protocol.ts" {
  interface Wants {
    compared: { about: { unit: UnitName }; answer: ComparedAnswer };
  }
}
