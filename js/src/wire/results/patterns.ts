/**
 * Patterns of inputs as the page knows them: the trait `patterns_info`, and the inputs of a pattern, which are asked for.
 * Python writes them in `neuronwidget/widgets/answers/results/pattern_info.py` and `answers/members.py`.
 */
import type { UnitName } from "../protocol.ts";
import type { Figure, InputRow, InputsAnswer, Pixels64 } from "./shown.ts";

/** How often each name stands among the inputs of a pattern, the most frequent first. */
export type Mix = [name: string, inputs: number][];

/** A unit that sets a pattern apart; all but `q` is of inputs on which it was not chosen. */
export type Marker = {
  unit: UnitName;
  median: number;
  /** Its median in all other inputs. */
  rest: number;
  /** How often an input of the pattern is above one of the rest, with its interval. */
  auroc: number | null;
  low: number | null;
  high: number | null;
  q: number | null;
};

export type PatternRow = {
  pattern: number;
  inputs: number;
  share: number;
  /** How much of it comes back in parts of the data, with its interval; null: it was not measured. */
  stability: number | null;
  low: number | null;
  high: number | null;
  /** The same in halves that share no input. */
  repeats: number | null;
  /** Are both large enough? */
  holds: boolean;
  /** Holds it more than half of the inputs? */
  largest: boolean;
  labels: Mix;
  predictions: Mix;
  /** The units that set it apart, the one that does so most first. */
  units: Marker[];
  /** Of pictures. */
  average?: Pixels64;
};

export type LayerInfo = {
  site: string;
  verdict: string;
  figures: Figure[];
  /** The steadiest first; inputs in no pattern are no row. */
  patterns: PatternRow[];
  none: number;
  /** For how many units of all patterns the q of one is corrected. */
  searched: number;
  /** What the map's directions are, and its ends: left, right, bottom, top. */
  map: string;
  ends: [number, number, number, number];
  /** Of each drawn input, in base64: x u16, y u16 between the ends; pattern i16, −1 for none. */
  points: string;
};

/** The trait `patterns_info`. */
export type PatternsInfo = {
  model: string;
  input: string;
  inputs: number;
  /** What was looked at of more data, in words; "" where it is all. */
  sample: string;
  /** One, or two whose patterns are compared. */
  layers: LayerInfo[];
  /** Numbers of the inputs that are drawn, i32 in base64, and of the label of each, i16, −1 for none. */
  documents: string;
  labelled: string;
  labels: string[];
  /** How many inputs of a pattern of the first layer are in one of the second. */
  flow: [from: number, to: number, inputs: number][];
};

/** What else narrows the chosen inputs: a label, a pattern of the second layer, a part of a map. */
export type Narrowed = {
  label: string | null;
  to: number | null;
  /** Left, right, bottom and top in the map of a layer. */
  brush: [layer: number, x0: number, x1: number, y0: number, y1: number] | null;
};

export type MemberRow = InputRow & { membership: number; outlier: number };

/** Inputs of a pattern (null: of all) as far as they are chosen, the most typical first; or those of these numbers. */
export type MembersAbout =
  | { layer: number; pattern: number | null; narrowed: Narrowed; most: number }
  | { documents: number[] };

export type MembersAnswer = InputsAnswer & {
  total: number;
  typical: MemberRow[];
  outliers: MemberRow[];
};

declare module "../atlas-protocol.ts" {
  interface Wants {
    members: { about: MembersAbout; answer: MembersAnswer };
  }
}
