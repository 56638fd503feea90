/** A blind test as the page knows it: the trait `blind_info`, which `neuronwidget/widgets/blind_test.py` writes. */

import type { TableColumn } from "../atlas-protocol.ts";
import type { Scale, UnitName } from "../protocol.ts";
import type { Value } from "../values.ts";
import type { Pixels64 } from "./shown.ts";

/** One example, with what is highlighted in it; how it was answered is told of those that nobody has to judge. */
export type BlindItem = {
  pieces?: string[];
  marked?: number;
  image?: Pixels64;
  /** Left, top, width and height, as parts of the picture. */
  box?: number[];
  cells?: Record<string, Value | string>;
  column?: string;
  /** What the unit does on each of `pieces`, and where it is strongest, if it fires. */
  shades?: number[];
  peak?: number;
  fires?: boolean;
  why?: string;
};

export type BlindKind = "detection" | "fuzzing" | "intruder";

/** `chosen` and `truth` are numbers of items, told once the round was answered. */
export type BlindRound = {
  number: number;
  kind: string;
  items: BlindItem[];
  chosen?: number[];
  truth?: number[];
};

/** How one kind of round was answered, or all. */
export type BlindRow = {
  kind: string;
  judged: number;
  right: number;
  score: number | null;
  low: number;
  high: number;
  chance: number | null;
  verdict: string;
};

export type BlindInfo = {
  unit: UnitName;
  input: string;
  label: string;
  /** Is a label asked for, after the examples that explain the unit? */
  asks: boolean;
  phase: "explain" | "round" | "feedback" | "end";
  /** Counts what a person did; what is sent names the step that it is to. */
  step: number;
  rounds: number;
  answered: number;
  right: number;
  judged: number;
  feedback: string;
  /** Is a view of the model linked? */
  linked: boolean;
  scale: Scale;
  columns: TableColumn[];
  explain: BlindItem[];
  round: BlindRound | null;
  outcome: string;
  verdict: string;
  rows: BlindRow[];
  /** Rounds that were not answered right. */
  missed: BlindRound[];
  /** Where the score was written, in words. */
  stored: string;
};

/** What a view has before anything was said. */
export const NO_BLIND_TEST: BlindInfo = {
  unit: "",
  input: "text",
  label: "",
  asks: false,
  phase: "explain",
  step: 0,
  rounds: 0,
  answered: 0,
  right: 0,
  judged: 0,
  feedback: "round",
  linked: false,
  scale: { lo: 0, hi: 0, mode: "linear", knee: 0, signed: false, pinned: false },
  columns: [],
  explain: [],
  round: null,
  outcome: "",
  verdict: "",
  rows: [],
  missed: [],
  stored: "",
};
