/** Kind of input as the session knows it: how its inputs are read and sent, and the words for them. */
import type { Input } from "../wire/inputs.ts";
import type { Ask } from "../wire/protocol.ts";

export interface InputKind {
  readonly name: string;
  readonly words: KindWords;
  /** Is an input a row of tokens? Others are edited as a whole. */
  readonly hasTokens?: boolean;
  /** Are colours always those of a dark ground? By default they are those of the theme. */
  readonly darkGround?: boolean;
  /** The trait in a shape that can be relied on; "" for what is no input: saved notebooks may hold anything. */
  read(value: unknown): Input;
  /** How a question says what it is about; `focus` is the cursor. */
  ask(input: Input, focus: number): Ask["input"];
  /** As a change of the trait; without it the input as it is. */
  change?(input: Input): unknown;
  /** What travels beside a message that has the input in it. */
  bytes?(input: Input): Uint8Array | undefined;
  /** Why it cannot be sent; null when it can. */
  refuse?(input: Input): { message: string; hint: string } | null;
}

/** Words for one kind of input, wherever the page speaks of it. */
export type KindWords = {
  /** One input: "text". */
  input: string;
  /** One input of a data set, and the plural: "document". */
  document: readonly [one: string, many: string];
  /** What values are counted by: "tokens". */
  things: string;
  /** What was taken over from the pass before. */
  reused(count: number): string;
  /** Why nothing is coloured. */
  noUnit: string;
  /** Why no units are listed. */
  noUnits: string;
};
