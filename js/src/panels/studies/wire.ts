/**
 * Long questions on the wire: what drives a unit or the output, which place carries a difference, and what edits do
 * beside random units, in the text that follows, at other strengths; what a unit is.
 */
import type { UnitName } from "../../wire/protocol.ts";
import type { Value } from "../../wire/values.ts";

export type Target = "unit" | "output";

/** `effects`: by how much the value falls without each part; of pictures `grid` says how the patches lie. */
export type Attribution = {
  method: "gradient" | "occlusion";
  /** What is driven, in words. */
  target: string;
  /** What parts are called: "tokens". */
  parts: string;
  effects: Value[];
  /** Of inputs without tokens: what each part is called. */
  names: string[];
  grid: [rows: number, cols: number] | null;
  verdict: string;
};

/** How much of the difference comes back at each position of each site: 1 is all of it. */
export type PatchedGrid = {
  metric: string;
  rows: { site: string; values: Value[] }[];
  verdict: string;
};

/** How large the effect of edits is beside that of the same on random units. */
export type Control = { effect: number; random: number[]; larger: number; verdict: string };

/** How a text is to be continued. */
export type Continuing = { tokens: number; temperature: number; seed: number };

/** A token that a model added to a text, and how probable it was to it. */
export type ContinuedToken = { id: number; text: string; p: Value };

/** Tokens from number `first` on, in pairs: without the edits, and with them; in the end where the two part. */
export type Continued = { first: number; tokens: ContinuedToken[][]; verdict: string };

/** Effect and damage (KL) at each strength, and where one overtakes the other. */
export type Dosed = {
  strengths: number[];
  effect: number[];
  damage: number[];
  overtaken: Value;
  verdict: string;
};

/** How much each of three tables tells of what the unit does over the atlas' texts, held out. */
export type ReadContext = {
  unit: UnitName;
  /** The answer in short, and with its numbers. */
  said: string;
  verdict: string;
  /** `name`: as it is shown; `says`: R² with its interval and what permuted data reach, in a sentence. */
  by: { table: "token" | "bigram" | "position"; name: string; r2: Value; says: string }[];
  /** What each table says at each token of the input that is shown. */
  told: Value[][];
  /** How much the unit varies over the texts: one standard deviation. */
  std: Value;
};

/** An exemplar in a few words, with the text around them or as a small picture. */
export type Brief = { words: string; around?: [before: string, behind: string]; image?: string };

/**
 * One concept or several. `followers`: units behind that go with one, and how well each tells it (AUROC, held out); not
 * in notebooks that were saved before there were any.
 */
export type UnitConcepts = {
  unit: UnitName;
  number: number;
  verdict: string;
  concepts: {
    share: Value;
    word: string;
    exemplars: Brief[];
    followers?: [unit: UnitName, auroc: Value][];
  }[];
};

declare module "../../wire/questions.ts" {
  interface Studies {
    attribution: Attribution;
    grid: PatchedGrid;
    control: Control;
    continue: Continued;
    dose: Dosed;
    context: ReadContext;
    concepts: UnitConcepts;
  }
}
