/** The synced traits of a live view, as `neuronwidget/widgets/` has them. */
import type { Input } from "./inputs.ts";
import type { Shared, UnitName } from "./protocol.ts";

export type SiteInfo = {
  name: string;
  canonical: string;
  kind: string;
  width: number;
  layer: number;
  /** Of pictures and rows: how its positions lie, rows and columns; null: it has one. */
  grid?: [number, number] | null;
};

export type Catalog = {
  model: string;
  sites: SiteInfo[];
  /** The most tokens looked at in one go. */
  context: number;
  causal: boolean;
  /** True where the model's output is an opinion: on tokens, or on classes. */
  guesses: boolean;
  /** What it speaks of. */
  predicts?: About | "";
  /** Can it continue a text? */
  continues?: boolean;
  /** Names of directions to steer along. */
  directions?: string[];
  /** What it tells apart, in a word, where somebody said so: "phoneme". */
  output?: string;
  /** What one step of the colour scale measures: "activation". */
  measure: string;
  /** Edits that Python put on the model, in words. */
  edits?: string[];
  /** What the model eats; absent: text. */
  input?: InputInfos[keyof InputInfos];
};

/** A column of a table. */
export type Column =
  | { name: string; kind: "number"; low: number; high: number; histogram: number[]; step: number }
  | { name: string; kind: "category"; values: string[] };

/** What the catalog says of an input, by kind; a kind declares its own. */
// biome-ignore lint/suspicious/noEmptyInterface: kinds of input add to it.
export interface InputInfos {}

/** What the model's guesses are of: the token after, the token itself, the first token of an answer, the whole text. */
export type About = "next" | "here" | "first" | "whole";

/** What units are called, in words. */
export type Names = Shared["labels"];
/** How well a name was tested. */
export type Mark = "held up" | "failed" | "untested";
/** What tests said, by unit: the words that were tested, the mark, and what was found. */
export type Evidence = { readonly [unit: UnitName]: readonly [words: string, mark: Mark, says: string] };
/** A name with its mark; `says`: what tests found, "" where there were none. */
export type Label = { words: string; mark: Mark; says: string };
export type Labels = { readonly [unit: UnitName]: Label };

/** The synced traits. `snapshot` is written by the page only and never travels to the kernel: it is what a saved notebook shows. */
export type Traits = Shared & {
  layout_kind: string;
  /** Of a picture: width, height, and rgb as bytes. */
  input: Input;
  /** Another input, in the place of what was before. */
  beside: Input | null;
  catalog: Catalog;
  evidence: Evidence;
  snapshot: string;
};
