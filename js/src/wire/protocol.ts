/**
 * Types of the messages that cross the wire, in both directions.
 *
 * `neuronwidget/stream/protocol/` says the same in Python; the frames in `tests/golden/` are written by the code that
 * answers, read here, and checked against these types by `tsc`; the asks there are written by this page and read by
 * Python. What a panel or a kind of input adds, it declares itself, in `panels/` and `kinds/`.
 * All text offsets on the wire are UTF-16 code units of the text as the page sent it.
 */

import type { BesideHead, Compare, EditSetting, EditsHead } from "./edits.ts";
import type { QuestionAsk, StudyAnswer } from "./questions.ts";
import type { Mode, Order, Where } from "./shared.ts";
import type { Value } from "./values.ts";

/** `"mlp.2:417"`: a unit's site, a colon, its index. */
export type UnitName = string;

/** Traits of a live view that travel both ways as they are. */
export type Shared = {
  site: string;
  unit: UnitName | null;
  selection: Selection;
  pins: UnitName[];
  edits: EditSetting[];
  view: ViewSettings;
  labels: { readonly [unit: UnitName]: string };
  status: string;
};

/** Traits a person changes in the page; sent along with the next request and set in Python. */
export type Changes = Partial<
  Shared & {
    /** As its kind sends it: of a picture only the size, its pixels are the message's first buffer. */
    input: unknown;
    /** The other input, in the same way; of a picture the pixels are the second buffer. */
    beside: unknown;
    /** Of grids of exemplars: how they are shown, and which are picked (by `key`). */
    shown: ShownExemplars;
    picked: number[];
    /** Of the finder: what is looked for. */
    query: object;
    /** Of patterns: the chosen one, what else narrows its inputs, and the input that is opened in the editor. */
    pattern: number | null;
    narrowed: object;
    member: number | null;
    /** Of groups of units: the chosen one. */
    group: number | null;
    move: object;
  }
>;

export type ShownExemplars = { group: string; context: "5" | "16" | "full" };

export type Size = { width: number; height: number };

/** What the person points at. `token` counts from the start of the whole text; `span` is in code points, as Python counts. */
export type Selection = { token: number | null; span: [number, number] | null };

/** How things are looked at; survives a reload. */
export type ViewSettings = {
  order: Order;
  /** Keep the present order of rows while the text changes. */
  hold: boolean;
  mode: Mode;
  /** Pinned colour ends, by site, or nothing: the ends then follow the input in round steps. */
  pinned: Record<string, [number, number]>;
  /** `""`, or units as a person writes them: `3, 17-20`. */
  filter: string;
  /** Is the overview of all layers open? The model then runs to its last site. */
  overview: boolean;
  /** Which pass is shown while the model is edited. */
  compare: Compare;
};

// ---- page → kernel -------------------------------------------------------------------------------------

/** What each panel asks of its part; a panel declares its own. */
// biome-ignore lint/suspicious/noEmptyInterface: panels add to it.
export interface Asks {}

/** What an ask says of its input, by kind; a kind declares its own. Bytes of the input are the message's first buffer. */
// biome-ignore lint/suspicious/noEmptyInterface: kinds of input add to it.
export interface InputAsks {}

export type Ask = {
  v: number;
  kind: "ask";
  seq: number;
  input: InputAsks[keyof InputAsks];
  site: string;
  unit: UnitName | null;
  pins: UnitName[];
  /** Absent where there are none. */
  edits?: EditSetting[];
  compare?: Compare;
  /** Another input, in the place of what was before; its bytes are the second buffer. */
  beside?: InputAsks[keyof InputAsks];
  /** The selected token, of which panels speak; null: the token under the cursor. */
  token: number | null;
  mode: Mode;
  /** Pinned colour ends of the site, or null. */
  pinned: [number, number] | null;
  /** Only what is asked for. */
  parts: Partial<Asks>;
  /** Nothing smaller than this many bytes may be sent back (see link.ts). */
  pad: number;
  changes: Changes;
};

/** A reading under the pointer: a cell of the last map or overview, or of the selected unit's own grid ("unit"). */
export type Probe = {
  v: number;
  kind: "probe";
  seq: number;
  of: number;
  where: Where;
  x: number;
  y: number;
};

export type ToKernel =
  | Ask
  | Probe
  | QuestionAsk
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
  mode: Mode;
  /** Log mode: position = sign(a) · ln(1 + |a|/knee), between those of lo and hi. */
  knee: number;
  /** True: zero-centred, lo = −hi. */
  signed: boolean;
  pinned: boolean;
  /** Set by the page alone: the ends are those over the whole data set. */
  over?: "data";
};

/**
 * What was looked at of a text: offsets in it, the first token's number, and how many tokens the text has; `without`:
 * labels of the special tokens around the text that lie outside.
 */
export type TextWindow = { start: number; end: number; first: number; total: number; without?: string[] };

/** What a frame says that belongs to no panel. */
export type Head = {
  site: string;
  unit: UnitName | null;
  pins: UnitName[];
  /** The token that panels speak of, counted from the start of the whole text; null when there is none. */
  token: number | null;
  input: {
    kind: string;
    /** Of texts alone. */
    window?: TextWindow;
    /** Tokens that are not text, by their index in the window: `{0: "<bos>"}`. */
    labels?: Record<string, string>;
  };
  /** Values that are not finite, in all that was recorded. */
  odd: { nan: number; inf: number };
  /** What was taken over from the pass before: tokens of a text, 0 or 1 for others. */
  reused: number;
  /** Absent where no edit is on. */
  edits?: EditsHead;
  /** Absent where no other input is compared. */
  beside?: BesideHead;
  /** Milliseconds inside the model, and in the kernel as a whole. */
  ms: { model: number; total: number };
  /** Panels that have no part because something stood in their way. */
  failed?: { readonly [panel: string]: { message: string; hint: string } };
};

/** What each panel gets; a panel declares its own. */
// biome-ignore lint/suspicious/noEmptyInterface: panels add to it.
export interface PanelParts {}
export type Parts = Partial<PanelParts>;

/**
 * A frame as it is sent. Its arrays are named by panel: `map.cells`. Of a text there are also
 *   input.spans i32 [tokens, 2]   start and end of each token of the window in the text; may be empty or shared
 *   input.ids   i32 [tokens]      the tokenizer's number of each
 */
export type FrameMessage = {
  v: number;
  kind: "frame";
  seq: number;
  head: Head;
  /** A panel that has nothing to say is absent, or null. */
  parts: { [P in keyof PanelParts]?: PanelParts[P] | null };
  arrays: ArraySpec[];
};

export type ProbeAnswer = {
  v: number;
  kind: "probe";
  seq: number;
  /** The cell that was asked for. */
  where: Where;
  x: number;
  y: number;
  unit: UnitName;
  token: number;
  value: Value;
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
  | FrameMessage
  | ProbeAnswer
  | StudyAnswer
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
