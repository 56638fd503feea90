/**
 * The words that cross the wire, and their version.
 *
 * `neuronwidget/stream/protocol.py` and `answers.py` say the same in Python; the files in `tests/golden/` are written by
 * the code that answers, read here, and checked against these types by `tsc`.
 * All text offsets on the wire are UTF-16 code units of the text as the page sent it.
 */

import type { Row } from "./inputs.ts";

export const VERSION = 1;

/** `"mlp.2:417"`: a unit's site, a colon, its index. */
export type UnitName = string;

/** Traits a person changes in the page; sent along with the next request and set in Python. */
export type Changes = Partial<{
  /** Of a picture only its size: its pixels are the message's first buffer. */
  input: string | Size | Row;
  site: string;
  unit: UnitName | null;
  selection: Selection;
  pins: UnitName[];
  view: ViewSettings;
  status: string;
  /** Of grids of exemplars: how they are shown, and which are picked (by `key`). */
  shown: ShownExemplars;
  picked: number[];
  /** Of the finder: what is looked for. */
  query: object;
}>;

export type ShownExemplars = { group: string; context: "5" | "16" | "full" };

export type Size = { width: number; height: number };

/** What the person points at. `token` counts from the start of the whole text; `span` is in code points, as Python counts. */
export type Selection = { token: number | null; span: [number, number] | null };

export type Order = "index" | "strength" | "variation" | "similarity";

/** How things are looked at; survives a reload. */
export type ViewSettings = {
  order: Order;
  /** Keep the present order of rows while the text changes. */
  hold: boolean;
  mode: "linear" | "log";
  /** Pinned colour ends, by site, or nothing: the ends then follow the input in round steps. */
  pinned: Record<string, [number, number]>;
  /** `""`, or units as a person writes them: `3, 17-20`. */
  filter: string;
  /** Is the overview of all layers open? The model then runs to its last site. */
  overview: boolean;
};

// ---- page → kernel -------------------------------------------------------------------------------------

/** What is visible of the units × tokens map. Rows and columns are half-open ranges over the ordered, filtered units and the window's tokens. */
export type MapWant = {
  /** null: all of them. */
  rows: [number, number] | null;
  cols: [number, number] | null;
  /** Bins the page can show: at most its CSS pixels. */
  height: number;
  width: number;
  order: Order;
  hold: boolean;
  /** Units to keep, or null for all. */
  units: number[] | null;
};

export type Ask = {
  v: number;
  kind: "ask";
  seq: number;
  text: string;
  /** An offset that must lie inside the window that is looked at (the cursor). */
  focus: number;
  site: string;
  unit: UnitName | null;
  pins: UnitName[];
  /** The selected token, for `top` and `guesses`; null: the token under the cursor. */
  token: number | null;
  mode: "linear" | "log";
  /** Pinned colour ends of the site, or null. */
  pinned: [number, number] | null;
  map: MapWant | null;
  overview: { width: number } | null;
  /** How many next-token guesses, 0 for none. */
  guesses: number;
  /** How many of the units strongest at the token, 0 for none. */
  top: number;
  /** Nothing smaller than this many bytes may be sent back (see link.ts). */
  pad: number;
  changes: Changes;
  // For models of pictures and tables; absent for texts, and then `text` above is what is asked about.
  input?: "image" | "table";
  /** RGB bytes of this size are the message's first buffer. */
  image?: Size;
  row?: Row;
  /** Small pictures of the site's strongest units, at most so many cells each. */
  tiles?: TilesWant | null;
  /** The selected unit and the classes while one column goes over its range. */
  sweep?: SweepWant | null;
  /** Are the probabilities of all classes wanted? */
  classes?: boolean;
};

export type TilesWant = { count: number; height: number; width: number };
export type SweepWant = { column: string; points: number };

/** A reading under the pointer: a cell of the last map or overview, or of the selected unit's own grid ("unit"). */
export type Probe = {
  v: number;
  kind: "probe";
  seq: number;
  of: number;
  where: "map" | "overview" | "unit";
  x: number;
  y: number;
};

export type ToKernel =
  | Ask
  | Probe
  | { v: number; kind: "hello" }
  | { v: number; kind: "set"; changes: Changes }
  /** Asks for `size` bytes back: measures the link. */
  | { v: number; kind: "echo"; id: number; size: number }
  /** No answer: its packet carries the acknowledgement that lets a small reply through. */
  | { v: number; kind: "nudge" }
  /** The last view of this widget is gone from the page: caches may go. */
  | { v: number; kind: "hidden" }
  /** Asks for the pictures that can be picked. */
  | { v: number; kind: "gallery" }
  /** Python sets `input` to that picture. */
  | { v: number; kind: "pick"; index: number }
  /** A question to the atlas beside the view. */
  | AtlasAsk;

/** A question to the atlas; the fields of the want's `about` (see atlas-protocol.ts) stand beside these. */
export type AtlasAsk = { v: number; kind: "atlas"; seq: number; want: string };

// ---- kernel → page -------------------------------------------------------------------------------------

export type Dtype = "u8" | "i32" | "f32";
export type ArraySpec = { name: string; dtype: Dtype; shape: number[] };

/** How bytes became values: 0 is NaN, 1 is −∞, 2 is +∞, 3…255 run from `lo` to `hi` (129 is the middle). */
export type Scale = {
  lo: number;
  hi: number;
  mode: "linear" | "log";
  /** Log mode: position = sign(a) · ln(1 + |a|/knee), between those of lo and hi. */
  knee: number;
  /** True: zero-centred, lo = −hi. */
  signed: boolean;
  pinned: boolean;
  /** Set by the page alone: the ends are those over the whole data set. */
  over?: "data";
};

export type MapHeader = {
  rows: [number, number];
  cols: [number, number];
  /** How many rows there are after the filter. */
  total: number;
  /** The row of the selected unit in the present order, if it is one of them. */
  selected: number | null;
  scale: Scale;
};

export type Guess = { text: string; p: number };

/** What the model's guesses are of: the token after, the token itself, the first token of an answer, the whole text. */
export type About = "next" | "here" | "first" | "whole";

export type Guesses = {
  /** Absent in notebooks saved before there were others: "next". */
  about?: About;
  /** True: they are classes, not tokens. */
  classes?: boolean;
  list: Guess[];
  /** The token that really stands there. */
  actual: { text: string; p: number; rank: number } | null;
};

export type FrameHeader = {
  v: number;
  kind: "frame";
  seq: number;
  site: string;
  unit: UnitName | null;
  pins: UnitName[];
  /**
   * The window that was looked at: offsets in the text, its first token's number, and how many tokens the text has;
   * `without`: labels of the special tokens around the text that lie outside of it.
   */
  window: { start: number; end: number; first: number; total: number; without?: string[] };
  /** Tokens that are not text, by their index in the window: `{0: "<bos>"}`. */
  labels: Record<string, string>;
  /** The token that `top` and `guesses` speak of, counted from the start of the whole text; null when there is none. */
  token: number | null;
  /** Colour scale of the selected unit (its site's) and of each pin (its own site's). */
  scale: Scale | null;
  pinScales: Scale[];
  map: MapHeader | null;
  overview: { sites: string[]; lows: number[]; highs: number[] } | null;
  guesses: Guesses | null;
  /** Values that are not finite, in all that was recorded. */
  odd: { nan: number; inf: number };
  /**
   * Milliseconds inside the model, and in the kernel as a whole; what was taken over from the pass before: tokens of a
   * text, 0 or 1 for a picture or row.
   */
  ms: { model: number; total: number };
  reused: number;
  arrays: ArraySpec[];
  // For models of pictures and tables.
  input?: "image" | "table";
  /** How the positions of the site lie, rows and columns; null: it has one position. */
  grid?: [number, number] | null;
  /** Of the selected unit's site, where that is another. */
  unitGrid?: [number, number] | null;
  pinGrids?: ([number, number] | null)[];
  /** Values of the selected unit at tokens that lie nowhere in the picture, before those on its grid. */
  lead?: (number | "nan" | "inf" | "-inf")[];
  /** Of the site that is looked at, where the selected unit is of another. */
  siteScale?: Scale | null;
  classes?: { names: string[]; probabilities: number[] } | null;
  /** Where the sweep stopped on its way: values of the column. */
  sweep?: { column: string; xs: (number | string)[] } | null;
};

/*
 * The arrays of a frame, in the order of `arrays` (a name is absent when it was not asked for):
 *   spans       i32 [tokens, 2]   start and end of each token of the window in the text; may be empty or shared
 *   ids         i32 [tokens]      the tokenizer's number of each
 *   unit        f32 [tokens]      exact values of the selected unit
 *   pins        f32 [pins, tokens]
 *   map         u8  [rows, cols]  the signed value of largest magnitude in each bin
 *   map_units   i32 [rows]        the unit of each row; for a bin, the one that holds its largest magnitude
 *   overview    u8  [sites, cols] largest magnitude at each site and token, each site on its own scale lows[i]…highs[i]
 *   top_units   i32 [k]           units of the site strongest at `token`, by magnitude
 *   top_values  f32 [k]
 *   pad         u8  [n]
 * And for pictures and tables, where `spans` is absent and positions are counted row by row over `grid`:
 *   unit        f32 [positions]
 *   pins        f32 [pins, positions], or pin_0, pin_1 … f32 [positions] when their grids differ
 *   tiles       u8  [k, h, w]     the strongest units, on the site's scale
 *   tile_units  i32 [k]
 *   tile_values f32 [k]           each one's value of largest magnitude
 *   seen        u8  [h, w, 3]     what the model gets, each channel over its own range
 *   sweep_unit    f32 [points]
 *   sweep_pins    f32 [pins, points]
 *   sweep_classes f32 [points, classes]
 */

export type ProbeAnswer = {
  v: number;
  kind: "probe";
  seq: number;
  /** The cell that was asked for. */
  where: "map" | "overview" | "unit";
  x: number;
  y: number;
  unit: UnitName;
  token: number;
  value: number | "nan" | "inf" | "-inf";
  /** How many units and tokens lie in the bin. */
  units: number;
  tokens: number;
  /** x0, y0, x1, y1 in pixels of `seen`: all that the value depends on, for where = "unit". */
  box?: [number, number, number, number] | null;
};

export type ErrorAnswer = { v: number; kind: "error"; seq: number; message: string; hint: string };

/** The fields of the want's `answer` stand beside these, or `error` and `hint`. */
export type AtlasMessage = {
  v: number;
  kind: "atlas";
  seq: number;
  want: string;
  error?: string;
  hint?: string;
  arrays?: ArraySpec[];
};

export type FromKernel =
  | FrameHeader
  | ProbeAnswer
  | ErrorAnswer
  /** Stopped because a newer request came; there will be no frame with this seq. */
  | { v: number; kind: "overtaken"; seq: number }
  | { v: number; kind: "ready" }
  | { v: number; kind: "echo"; id: number }
  /** One buffer of RGB bytes an item. */
  | { v: number; kind: "gallery"; items: ({ label: string } & Size)[] }
  | { v: number; kind: "closed" }
  /** Heard by the channels of the atlas. */
  | AtlasMessage;
