/** Words of a blind test: what is asked, what was answered, and what was true. */
import type { BlindItem, BlindRound } from "../../wire/results/blind.ts";

/** What each kind of round asks; `label` is what the unit is said to fire for. */
export const QUESTIONS: Record<string, { title: string; ask: string; how: string }> = {
  detection: {
    title: "Which of these fire?",
    ask: "Choose all in which the unit fires, by the label alone. It may be none of them, or all.",
    how: "Keys 1 to 9 choose, Enter answers.",
  },
  fuzzing: {
    title: "Is the highlighted place the right one?",
    ask: "The unit fires here. Is it what is highlighted that it fires at?",
    how: "Key 1 for right, 2 for wrong, Enter answers.",
  },
  intruder: {
    title: "Which one does not belong?",
    ask: "The unit fires in all of these but one. Choose the one in which it does not.",
    how: "Keys 1 to 9 choose, Enter answers.",
  },
};

export const kindWords = (kind: string): string =>
  ({ detection: "which fire", fuzzing: "right place", intruder: "which does not belong" })[kind] ?? kind;

const WHY: Record<string, string> = {
  similar: "does not fire, though the rest of the layer looks as if it should",
  "near miss": "does not fire, but comes near",
  random: "does not fire",
};

/** What is true of an item that was judged. */
export const sayTruth = ({ fires, why = "" }: BlindItem): string =>
  fires ? "fires" : (WHY[why] ?? "does not fire");

const list = (numbers: readonly number[]): string =>
  numbers.length === 0 ? "none" : numbers.map((number) => number + 1).join(", ");

/** Was all of a round right? */
export const isRight = ({ chosen = [], truth = [] }: BlindRound): boolean =>
  chosen.length === truth.length && chosen.every((number) => truth.includes(number));

/** What came of a round, in a sentence. */
export function sayOutcome(round: BlindRound): string {
  const { kind, chosen = [], truth = [] } = round;
  const head = isRight(round) ? "Right." : "Not right.";
  if (kind === "fuzzing")
    return `${head} The highlighted place is ${truth.length > 0 ? "the right one" : "a wrong one"}.`;
  if (kind === "intruder") return `${head} Number ${list(truth)} does not belong.`;
  const wrong = round.items.filter((_, i) => chosen.includes(i) !== truth.includes(i)).length;
  const how = wrong > 0 ? ` ${wrong} of ${round.items.length} judged wrongly.` : "";
  return `${head}${how} Those that fire: ${list(truth)}.`;
}
