/**
 * Questions to the atlas beside a view, and their answers. `Wants` is the list: each want has the fields of its
 * question and of its answer. Python answers in `neuronwidget/widgets/answers/`.
 */

import type { Scale, UnitName } from "./protocol.ts";
import type { FindOrder, FindPlace, Group } from "./shared.ts";
import type { Value } from "./values.ts";

export interface Wants {
  exemplars: { about: ExemplarsAbout; answer: ExemplarsAnswer };
  document: { about: DocumentAbout; answer: DocumentAnswer };
  /** Puts an exemplar, or all of its document, where Python wants it; the answer says where that is. */
  use: { about: { unit: UnitName; key: number; document: boolean }; answer: { to: string } };
  card: { about: { unit: UnitName }; answer: CardAnswer };
  kin: { about: { unit: UnitName; count: number }; answer: KinAnswer };
  find: { about: FindAbout; answer: FindAnswer };
  /** Builds the atlas of a bundled model, or stops that; how far it is stands in the trait `atlas_offer`. */
  build: { about: { stop: boolean }; answer: object };
}
export type Want = keyof Wants;

/** The trait `atlas_info`. */
export type AtlasInfo = {
  model: string;
  input: string;
  /** null: an atlas that was imported does not tell. */
  documents: number | null;
  tokens: number | null;
  sites: AtlasSite[];
  /** Where it was imported from, and what it lacks therefore. */
  about?: string;
};
export type AtlasSite = { name: string; kind: string; width: number; layer: number };

/** The trait `atlas_offer`: what a view without an atlas offers, and how far it is. */
export type AtlasOffer = {
  /** How long building takes, in words; "": nothing can be built by a button. */
  takes: string;
  phase: "offered" | "building" | "stopping" | "stopped" | "failed";
  /** How much of it is done, from 0 to 1, and the seconds that are left; null: not known. */
  share: number | null;
  left: number | null;
  /** What went wrong, or what to know. */
  words: string;
};

// ---- exemplars -------------------------------------------------------------------------------------------

export type ExemplarsAbout = { unit: UnitName; group: Group; first: number; count: number };

/**
 * Arrays: values f32 [all tokens of all rows]; of pictures, where `values` are maps of `map.kept` cells: images u8
 * [rows, height, width, 3].
 */
export type ExemplarsAnswer = {
  unit: UnitName;
  group: Group;
  /** How many exemplars each group has. */
  groups: Record<Group, number>;
  first: number;
  total: number;
  strata: Stratum[];
  state: string;
  /** How many tokens the unit was seen on. */
  seen: number;
  /** Over all that the unit did in the data set. */
  scale: Scale;
  rows: ExemplarRow[];
  input: string;
  /** Of texts: what stands before and behind each row's pieces in its document; "" where that is not sure. */
  around?: [before: string, behind: string][];
  /** Why an atlas that was imported has none of this group. */
  missing?: string;
  /** Of pictures: rows and columns of the site's positions, and of the kept map. */
  map?: { grid: [number, number]; kept: [number, number] };
  /** Of table rows: columns, and the ends of those of numbers. */
  columns?: TableColumn[];
};
export type TableColumn = { name: string; ends: [number, number] | null };

/** A part of the group: its place in the list, strongest first, and from where to where its values go. */
export type Stratum = { stratum: number; first: number; count: number; low: number; high: number };

export type ExemplarRow = {
  /** The row in Python's `atlas.exemplars(unit)`. */
  key: number;
  stratum: number;
  rank: number;
  value: Value;
  /** In how many documents the same stands; 0: not known. */
  copies: number;
  /** null, as `position`: an atlas that was imported does not tell. */
  document: number | null;
  id: string;
  label: string | null;
  /** Of the token in the document. */
  position: number | null;
  /** Which of the pieces it is. */
  peak: number;
  pieces: string[];
  /** How many numbers of `values` are this row's. */
  values: number;
  /** Of pictures: the row and column of the peak on the site's grid; null: it lies nowhere in the picture. */
  at?: [number, number] | null;
  /** Of table rows. */
  row?: Record<string, Value | string>;
};

// ---- the document around an exemplar ---------------------------------------------------------------------

export type DocumentAbout = { unit: UnitName; key: number };

/** Array: spans i32 [pieces, 2], UTF-16 offsets in `text`; empty where they are not known. */
export type DocumentAnswer = {
  document: number;
  id: string;
  tokens: number;
  key: number;
  text: string;
  /** The part of the document that came, in characters: first, last, of how many. */
  cut: [number, number, number];
};

// ---- the card of a unit ----------------------------------------------------------------------------------

/**
 * What the atlas alone knows of a unit; null: not a number. Arrays: counts i32 [bins], `width` wide, from `low` on;
 * top, bottom f32: the values of its exemplars, strongest first.
 */
export type CardAnswer = {
  unit: UnitName;
  state: string;
  /** What the state means, with the numbers it follows from. */
  words: string;
  /** What values are counted by: "tokens". */
  things: string;
  seen: number;
  nonfinite: number;
  density: number | null;
  density_low: number | null;
  density_high: number | null;
  mean: number | null;
  std: number | null;
  min: number | null;
  max: number | null;
  skew: number | null;
  kurtosis: number | null;
  /** The share of values that are not zero. */
  active: number | null;
  low: number;
  width: number;
  /** The ends of all units of the site. */
  site: [number | null, number | null];
};

/** What goes with a unit: correlated units, and the outputs that it raises and lowers most by its direct path. */
export type KinAnswer = {
  unit: UnitName;
  /** Why nothing is known of similar units, or "". */
  apart: string;
  similar: [UnitName, number][];
  promoted: [string, number][];
  suppressed: [string, number][];
  /** What the effects leave out; or, where there are none, why. */
  note: string;
  reason: string;
};

// ---- units that fit --------------------------------------------------------------------------------------

/** Empty lists and texts, null and false ask for nothing. */
export type Query = {
  sites: string[];
  states: string[];
  /** The least and the most share of values above zero. */
  density: [number, number] | null;
  /** A regular expression, looked for in the strongest exemplars. */
  text: string;
  /** Where in them: in the line of the peak, which "" stands for too, or in all tokens around it. */
  at: FindPlace | "";
  /** Does it fire in the present input? */
  fires: boolean;
  similar: UnitName | null;
  /** "": by what fits best. */
  order: FindOrder | "";
};
export type FindAbout = Query & { count: number };

/** Rows: the unit, then a cell for each of `columns`. */
export type FindAnswer = {
  total: number;
  of: number;
  /** What they are sorted by, also where the question left it open. */
  order: FindOrder;
  columns: string[];
  rows: [UnitName, ...(number | string | null)[]][];
};
