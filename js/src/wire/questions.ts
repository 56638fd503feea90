/** Questions about what a frame shows that take many passes: to the edits, and to the input. */
import type { Value } from "./values.ts";

// ---- page → kernel -------------------------------------------------------------------------------------

/** Asks how the edits of a frame compare with the same on random units. */
export type ControlAsk = { v: number; kind: "control"; seq: number; of: number };

/** A long question about the input of a frame, whose fields stand beside these; "" breaks off the one that is answered. */
export type StudyAsk = { v: number; kind: "study"; seq: number; of: number; question: "" | keyof Studies };

/** How a text is to be continued. */
export type Continuing = { tokens: number; temperature: number; seed: number };

export type QuestionAsk =
  | ControlAsk
  | StudyAsk
  /** Asks for the text to be continued with the edits and without. */
  | ({ v: number; kind: "continue"; seq: number } & Continuing)
  /** Asks for effect and damage of the edits at several strengths. */
  | { v: number; kind: "dose"; seq: number }
  /** The answer to that question is long enough. */
  | { v: number; kind: "stop"; seq: number };

// ---- kernel → page -------------------------------------------------------------------------------------

/** How large the effect of edits is beside that of the same on random units; `problem`: why that is not known. */
export type ControlAnswer = {
  v: number;
  kind: "control";
  seq: number;
  of: number;
  effect: number;
  random: number[];
  larger: number;
  verdict: string;
  problem: string | null;
};

/** Results of long questions; a panel declares its own. */
// biome-ignore lint/suspicious/noEmptyInterface: panels add to it.
export interface Studies {}

/** How far the answer to a long question is, and what is known by now; `problem`: why there is nothing to know. */
export type StudyAnswer = {
  v: number;
  kind: "study";
  seq: number;
  of: number;
  question: string;
  done: number;
  total: number;
  result: Studies[keyof Studies] | null;
  problem: string | null;
};

/** A part of the answer to a question to edits that takes long; `problem`: why it ended without a verdict. */
export type LongAnswer = { v: number; seq: number; done: boolean; verdict: string; problem: string | null };

/** A token that a model added to a text, and how probable it was to it. */
export type ContinuedToken = { id: number; text: string; p: Value };
/** Tokens from number `first` on, in pairs: without the edits, and with them. */
export type ContinueAnswer = LongAnswer & {
  kind: "continue";
  first?: number;
  tokens?: ContinuedToken[][];
};

/** `progress`: done, of how many; in the end effect and damage (KL) at each strength, and where one overtakes. */
export type DoseAnswer = LongAnswer & {
  kind: "dose";
  progress?: [number, number];
  strengths?: number[];
  effect?: number[];
  damage?: number[];
  overtaken?: Value;
};

export type QuestionAnswer = ControlAnswer | StudyAnswer | ContinueAnswer | DoseAnswer;
