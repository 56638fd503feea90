/**
 * Decodes a message and its buffers into a frame of typed arrays, or refuses it in a sentence.
 *
 * Headers come over the wire and from saved notebooks: nothing in them is believed before it is checked.
 */

import type { Input } from "./inputs.ts";
import { type ArraySpec, type Dtype, type FrameHeader, type Scale, VERSION } from "./protocol.ts";
import { decodeExtra, type Extra } from "./tensor-frame.ts";

/** What came back for one `ask`: the header and its arrays, each null when it was not asked for. */
export interface Frame {
  readonly header: FrameHeader;
  /** The text the frame is of; the page may be ahead of it. */
  readonly text: string;
  /** What was asked about, as the page had it; absent in a frame that was saved. */
  readonly asked?: Input;
  /** For pictures and tables. */
  readonly extra?: Extra;
  /** [tokens, 2] starts and ends, UTF-16 offsets in `text`. */
  readonly spans: Int32Array;
  /** [tokens] numbers of the tokens in the vocabulary; absent where a kernel or a notebook is older. */
  readonly ids?: Int32Array | null;
  /** [tokens] exact values of `header.unit`. */
  readonly unit: Float32Array | null;
  /** [pins, tokens] in the order of `header.pins`. */
  readonly pins: Float32Array | null;
  /** [rows, cols] bytes, see `Scale`. */
  readonly map: Uint8Array | null;
  /** [rows] */
  readonly mapUnits: Int32Array | null;
  /** [sites, cols] bytes. */
  readonly overview: Uint8Array | null;
  /** The shapes of `map` and `overview`: pixels of the reply, not units or tokens. */
  readonly mapShape: readonly [number, number] | null;
  readonly overviewShape: readonly [number, number] | null;
  /** [k] */
  readonly topUnits: Int32Array | null;
  /** [k] */
  readonly topValues: Float32Array | null;
}

/** Why a message cannot be shown, and what to do about it. */
export class Refusal extends Error {
  constructor(
    message: string,
    readonly hint = "Restart the kernel and reload the page, so that both run the same neuronwidget.",
  ) {
    super(message);
  }
}

type Loose = Record<string, unknown>;
type TypedArray = Uint8Array | Int32Array | Float32Array;
type Parsed = { shape: number[]; data: TypedArray };

const SIZE: Record<Dtype, number> = { u8: 1, i32: 4, f32: 4 };

/** Refuses what is of another version; every message passes here first. */
export function checkVersion(message: Loose): void {
  if (message.v === VERSION) return;
  const theirs = typeof message.v === "number" ? `version ${message.v}` : "no version we know";
  throw new Refusal(
    `The kernel speaks ${theirs} of neuronwidget's protocol, this page speaks version ${VERSION}.`,
    "Update neuronwidget where the kernel runs, restart the kernel and reload the page.",
  );
}

export function decodeFrame(message: unknown, buffers: readonly unknown[], text: string): Frame {
  const header = checkHeader(message);
  const arrays = readArrays(header.arrays, buffers);
  const get = <T extends TypedArray>(name: string, dtype: Dtype, shape: (number | null)[]): T | null => {
    const array = arrays.get(name);
    if (!array) return null;
    const spec = header.arrays.find((item) => item.name === name)!;
    const fits =
      spec.dtype === dtype &&
      array.shape.length === shape.length &&
      shape.every((n, i) => n === null || n === array.shape[i]);
    if (!fits) {
      const want = shape.map((n) => n ?? "any").join(" × ");
      throw new Refusal(
        `The frame's "${name}" is ${spec.dtype} [${array.shape.join(" × ")}], expected ${dtype} [${want}].`,
      );
    }
    return array.data as T;
  };

  const spans = get<Int32Array>("spans", "i32", [null, 2]) ?? new Int32Array(0);
  const tokens = spans.length / 2;
  checkSpans(spans, text);
  const shapeOf = (name: string) => (arrays.get(name)?.shape ?? null) as [number, number] | null;
  const map = header.map ? get<Uint8Array>("map", "u8", [null, null]) : null;
  const overview = header.overview
    ? get<Uint8Array>("overview", "u8", [header.overview.sites.length, null])
    : null;
  const topUnits = get<Int32Array>("top_units", "i32", [null]);
  const isText = header.input === undefined;
  return {
    header,
    text,
    ...(!isText && { extra: decodeExtra(header, get, shapeOf) }),
    spans,
    ids: isText ? get<Int32Array>("ids", "i32", [tokens]) : null,
    unit: header.scale ? get<Float32Array>("unit", "f32", [isText ? tokens : null]) : null,
    pins: isText ? get<Float32Array>("pins", "f32", [header.pins.length, tokens]) : null,
    map,
    mapUnits: map ? get<Int32Array>("map_units", "i32", [shapeOf("map")![0]]) : null,
    overview,
    mapShape: map && shapeOf("map"),
    overviewShape: overview && shapeOf("overview"),
    topUnits,
    topValues: topUnits && get<Float32Array>("top_values", "f32", [topUnits.length]),
  };
}

// ---- the header ------------------------------------------------------------------------------------------

function bad(what: string): never {
  throw new Refusal(`The frame's header is not readable: ${what}.`);
}

const isObject = (x: unknown): x is Loose => typeof x === "object" && x !== null && !Array.isArray(x);
const isCount = (x: unknown): x is number => Number.isSafeInteger(x) && (x as number) >= 0;
const isNumber = (x: unknown): x is number => typeof x === "number" && Number.isFinite(x);
const isText = (x: unknown): x is string => typeof x === "string";
const isList = <T>(x: unknown, each: (item: unknown) => item is T): x is T[] =>
  Array.isArray(x) && x.every(each);
const isRange = (x: unknown): x is [number, number] => isList(x, isCount) && x.length === 2;

function isScale(x: unknown): x is Scale {
  return (
    isObject(x) &&
    isNumber(x.lo) &&
    isNumber(x.hi) &&
    isNumber(x.knee) &&
    (x.mode === "linear" || x.mode === "log") &&
    typeof x.signed === "boolean"
  );
}

function isSpec(x: unknown): x is ArraySpec {
  return (
    isObject(x) &&
    isText(x.name) &&
    isText(x.dtype) &&
    Object.hasOwn(SIZE, x.dtype) &&
    isList(x.shape, isCount) &&
    x.shape.length > 0
  );
}

// biome-ignore lint/complexity/noExcessiveCognitiveComplexity: a list of checks, one after another.
function checkHeader(message: unknown): FrameHeader {
  if (!isObject(message)) bad("it is not an object");
  checkVersion(message);
  const h = message;
  if (h.kind !== "frame") bad(`its kind is "${String(h.kind)}"`);
  if (!isCount(h.seq)) bad("seq is missing");
  if (!isText(h.site)) bad("site is missing");
  if (h.unit !== null && !isText(h.unit)) bad("unit is neither a name nor null");
  if (!isList(h.pins, isText)) bad("pins is not a list of names");
  const w = h.window;
  if (!isObject(w) || ![w.start, w.end, w.first, w.total].every(isCount)) bad("window is incomplete");
  if (!isList(w.without ?? [], isText)) bad("what the window leaves out are no labels");
  if (!isObject(h.labels) || !Object.values(h.labels).every(isText)) bad("labels are not texts");
  if (h.token !== null && !isCount(h.token)) bad("token is neither a number nor null");
  if (h.scale !== null && !isScale(h.scale)) bad("scale is incomplete");
  if (!isList(h.pinScales, isScale) || h.pinScales.length !== h.pins.length)
    bad("pinScales do not fit the pins");
  if (h.map !== null) {
    const m = h.map;
    if (!isObject(m) || !isRange(m.rows) || !isRange(m.cols) || !isCount(m.total) || !isScale(m.scale))
      bad("map is incomplete");
    if (m.selected !== null && !isCount(m.selected)) bad("the selected row is neither a number nor null");
  }
  if (h.overview !== null) {
    const o = h.overview;
    if (!isObject(o) || !isList(o.sites, isText) || !isList(o.lows, isNumber) || !isList(o.highs, isNumber))
      bad("overview is incomplete");
    if (o.sites.length !== o.highs.length || o.lows.length !== o.highs.length)
      bad("overview has not as many ends as sites");
  }
  if (h.guesses !== null) checkGuesses(h.guesses);
  if (h.input !== undefined) checkExtra(h);
  if (!isObject(h.odd) || !isCount(h.odd.nan) || !isCount(h.odd.inf)) bad("odd is incomplete");
  if (!isObject(h.ms) || !isNumber(h.ms.model) || !isNumber(h.ms.total)) bad("ms is incomplete");
  if (!isList(h.arrays, isSpec)) bad("arrays are not described");
  return message as unknown as FrameHeader;
}

function checkGuesses(guesses: unknown): void {
  const isGuess = (x: unknown): x is Loose => isObject(x) && isText(x.text) && isNumber(x.p);
  if (!isObject(guesses) || !isList(guesses.list, isGuess)) bad("guesses are incomplete");
  const about = guesses.about ?? "next";
  if (!isText(about) || !["next", "here", "first", "whole"].includes(about))
    bad("guesses are of something unknown");
  const actual = guesses.actual;
  if (actual !== null && !(isGuess(actual) && isCount(actual.rank))) bad("the actual token is incomplete");
}

function checkExtra({ input, grid, unitGrid, pinGrids, siteScale, classes, sweep }: Loose): void {
  const isGrid = (x: unknown): x is unknown => x === null || isRange(x);
  const isValue = (x: unknown): x is number | string => isNumber(x) || isText(x);
  if (input !== "image" && input !== "table") bad(`its input is "${String(input)}"`);
  if (![grid ?? null, unitGrid ?? null].every(isGrid) || !isList(pinGrids ?? [], isGrid))
    bad("a grid is no size");
  if (siteScale && !isScale(siteScale)) bad("siteScale is incomplete");
  if (
    classes &&
    !(isObject(classes) && isList(classes.names, isText) && isList(classes.probabilities, isNumber))
  )
    bad("classes are incomplete");
  if (sweep && !(isObject(sweep) && isText(sweep.column) && isList(sweep.xs, isValue)))
    bad("sweep is incomplete");
}

// ---- the arrays ------------------------------------------------------------------------------------------

export function readArrays(specs: ArraySpec[], buffers: readonly unknown[]): Map<string, Parsed> {
  if (specs.length !== buffers.length) {
    throw new Refusal(`The frame describes ${specs.length} arrays but brings ${buffers.length}.`);
  }
  const arrays = new Map<string, Parsed>();
  specs.forEach(({ name, dtype, shape }, i) => {
    if (arrays.has(name)) throw new Refusal(`The frame brings "${name}" twice.`);
    const bytes = bytesOf(buffers[i], name);
    const count = shape.reduce((product, n) => product * n, 1);
    if (count * SIZE[dtype] !== bytes.byteLength) {
      throw new Refusal(
        `The frame's "${name}" should be ${dtype} [${shape.join(" × ")}], which is ${count * SIZE[dtype]} bytes, ` +
          `but ${bytes.byteLength} came.`,
      );
    }
    arrays.set(name, { shape, data: typed(dtype, bytes) });
  });
  return arrays;
}

function bytesOf(buffer: unknown, name: string): Uint8Array {
  if (ArrayBuffer.isView(buffer)) return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  if (buffer instanceof ArrayBuffer) return new Uint8Array(buffer);
  throw new Refusal(`The frame's "${name}" did not come as bytes.`);
}

/** A view where the bytes are aligned, a copy where they are not. */
function typed(dtype: Dtype, bytes: Uint8Array): TypedArray {
  if (dtype === "u8") return bytes;
  const at = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const count = at.byteLength / 4;
  return dtype === "i32"
    ? new Int32Array(at.buffer, at.byteOffset, count)
    : new Float32Array(at.buffer, at.byteOffset, count);
}

function checkSpans(spans: Int32Array, text: string): void {
  for (let i = 0, last = 0; i < spans.length; i += 2) {
    const start = spans[i]!;
    const end = spans[i + 1]!;
    if (start < 0 || end < start || end > text.length || start < last) {
      throw new Refusal(
        `Token ${i / 2} is said to span ${start}–${end}, but the text has ${text.length} characters and tokens run forward.`,
      );
    }
    last = start;
  }
}
