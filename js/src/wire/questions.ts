/** Long questions about what a frame shows, which take many passes: how they are asked, and how they are answered. */

/** Asks one; its fields stand beside these. The newest of each name takes the place of an older one. */
export type StudyAsk = { v: number; kind: "study"; seq: number; of: number; question: keyof Studies };

export type QuestionAsk =
  | StudyAsk
  /** What is known by now is answer enough to that question. */
  | { v: number; kind: "stop"; seq: number };

/** Results by the names of the questions; a panel declares its own. */
// biome-ignore lint/suspicious/noEmptyInterface: panels add to it.
export interface Studies {}

/**
 * How far the answer to a long question is, and what is known by now; as many steps are done as there are: nothing
 * follows. `problem`: why there is nothing to know.
 */
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
