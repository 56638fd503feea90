/** Guesses on the wire: what the model expects at or after a token, or says of the whole text. */
import type { PanelWire } from "../../session/panel.ts";
import * as checks from "../../wire/checks.ts";
import type { About } from "../../wire/traits.ts";

export type GuessesAsk = { most: number };
/** `was`: in the model before its edits. */
export type Guess = { text: string; p: number; was?: number };
export type GuessesPart = {
  /** Absent in notebooks saved before there were others: "next". */
  about?: About;
  /** True: they are classes, not tokens. */
  classes?: boolean;
  list: Guess[];
  /** The token that really stands there. */
  actual: (Guess & { rank: number }) | null;
};

declare module "../../wire/protocol.ts" {
  interface Asks {
    guesses: GuessesAsk;
  }
  interface PanelParts {
    guesses: GuessesPart;
  }
}
declare module "../../session/panel.ts" {
  interface PanelNeeds {
    guesses: GuessesAsk;
  }
}

const isGuess = (x: unknown): x is checks.Loose =>
  checks.isObject(x) &&
  checks.isText(x.text) &&
  checks.isNumber(x.p) &&
  (x.was === undefined || checks.isNumber(x.was));
const isActual = (x: unknown): x is checks.Loose => isGuess(x) && checks.isCount(x.rank);

const GUESSES: checks.Checks = {
  list: (x) => checks.isList(x, isGuess),
  about: (x) => x === undefined || ["next", "here", "first", "whole"].includes(x as string),
  actual: checks.isOrNull(isActual),
};

export const GUESSES_WIRE: PanelWire = {
  name: "guesses",
  ofToken: true,
  join: (before: GuessesAsk, after: GuessesAsk) => ({ most: Math.max(before.most, after.most) }),
  check: (part) => checks.mustBe(part, "guesses", GUESSES),
};
