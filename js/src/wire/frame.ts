/**
 * Decodes a message and its buffers into a frame of named arrays, or refuses it in a sentence.
 *
 * Messages come over the wire and from saved notebooks: nothing in them is believed before it is checked. What a part
 * says is checked by the panel that it belongs to.
 */
import { type Arrays, checkArray, type NamedArray, type Numbers, readArrays, SIZE } from "./arrays.ts";
import {
  type Checks,
  isCount,
  isList,
  isNumber,
  isObject,
  isOrNull,
  isText,
  type Loose,
  must,
  mustBe,
} from "./checks.ts";
import type { Compare } from "./edits.ts";
import type { Input } from "./inputs.ts";
import type { ArraySpec, Dtype, Head, Parts } from "./protocol.ts";
import { Refusal } from "./refusal.ts";
import { VERSION } from "./shared.ts";
import { checkTokens, tokenCount } from "./tokens.ts";

/** What came back for one `ask`: its head, and of each panel that was asked for a part with arrays. */
export interface Frame {
  readonly seq: number;
  readonly head: Head;
  readonly parts: Parts;
  /** By name: `map.cells`. */
  readonly arrays: Arrays;
  /** The text the frame is of; the page may be ahead of it. */
  readonly text: string;
  /** What was asked about, as the page had it; absent in a frame that was saved. */
  readonly asked?: Input;
}

/** What a panel checks of its part; `array` refuses an array that is there but not as expected. */
export type PartCheck = {
  readonly frame: Frame;
  /** Of a text; null: the input has no tokens. */
  readonly tokens: number | null;
  array(name: string, dtype: Dtype, shape: readonly (number | null)[]): void;
};
export type CheckedPanel = { readonly name: string; check?(part: Loose, check: PartCheck): void };

/** Refuses what is of another version; every message passes here first. */
export function checkVersion(message: Loose): void {
  if (message.v === VERSION) return;
  const theirs = typeof message.v === "number" ? `version ${message.v}` : "no version we know";
  throw new Refusal(
    `The kernel speaks ${theirs} of neuronwidget's protocol, this page speaks version ${VERSION}.`,
    "Update neuronwidget where the kernel runs, restart the kernel and reload the page.",
  );
}

export function decodeFrame(
  message: unknown,
  buffers: readonly unknown[],
  text: string,
  panels: Iterable<CheckedPanel>,
): Frame {
  must(isObject(message), "it is not an object");
  checkVersion(message);
  must(message.kind === "frame", `its kind is "${String(message.kind)}"`);
  mustBe(message, "the frame", MESSAGE);
  checkHead(message.head);
  const arrays = readArrays(message.arrays as ArraySpec[], buffers);
  const frame: Frame = { seq: message.seq as number, head: message.head, parts: {}, arrays, text };
  checkTokens(frame);
  const parts = message.parts as Loose;
  const tokens = frame.head.input.window ? tokenCount(frame) : null;
  for (const { name, check } of panels) {
    // A panel that has nothing to say has no part.
    const part = Object.hasOwn(parts, name) ? parts[name] : null;
    if (part === null) continue;
    must(isObject(part), `its part "${name}" is not an object`);
    const array: PartCheck["array"] = (of, dtype, shape) => checkArray(arrays, `${name}.${of}`, dtype, shape);
    check?.(part, { frame, tokens, array });
    (frame.parts as Loose)[name] = part;
  }
  return frame;
}

const isSpec = (x: unknown): x is ArraySpec =>
  isObject(x) &&
  isText(x.name) &&
  isText(x.dtype) &&
  Object.hasOwn(SIZE, x.dtype) &&
  isList(x.shape, isCount) &&
  x.shape.length > 0;

const MESSAGE: Checks = { seq: isCount, parts: isObject, arrays: (x) => isList(x, isSpec) };
const isProblem = (x: unknown): boolean => isObject(x) && isText(x.message) && isText(x.hint);
const HEAD: Checks = {
  site: isText,
  unit: isOrNull(isText),
  pins: (x) => isList(x, isText),
  token: isOrNull(isCount),
  reused: isCount,
  failed: (x) => x === undefined || (isObject(x) && Object.values(x).every(isProblem)),
};
const isEditProblem = (x: unknown): x is object => isObject(x) && isCount(x.index) && isText(x.message);
const EDITS: Checks = {
  acting: (x) => isList(x, isText),
  problems: (x) => isList(x, isEditProblem),
  compare: (x) => isCompare(x),
};
const isCompare = (x: unknown): boolean => x === "after" || x === "before" || x === "difference";
const BESIDE: Checks = { compare: isCompare, paired: isCount, of: isCount, problem: isOrNull(isText) };
const INPUT: Checks = { kind: isText };
const ODD: Checks = { nan: isCount, inf: isCount };
const MS: Checks = { model: isNumber, total: isNumber };

function checkHead(head: unknown): asserts head is Head {
  mustBe(head, "head", HEAD);
  const { input, odd, ms, edits, beside } = head as Loose;
  if (edits !== undefined) mustBe(edits, "edits", EDITS);
  if (beside !== undefined) mustBe(beside, "beside", BESIDE);
  mustBe(input, "input", INPUT);
  mustBe(odd, "odd", ODD);
  mustBe(ms, "ms", MS);
}

/** The numbers of an array that was checked when the frame came; null: it was not sent. */
export const dataOf = <T extends Numbers>({ arrays }: Frame, name: string): T | null =>
  (arrays.get(name)?.data as T | undefined) ?? null;

export const shapeOf = ({ arrays }: Frame, name: string): readonly number[] | null =>
  arrays.get(name)?.shape ?? null;

/** Which of two passes the frame shows; "after" where no edit acts and no other input is compared. */
export const shownPass = ({ head: { beside, edits } }: Pick<Frame, "head">): Compare =>
  (beside ?? (edits?.acting.length ? edits : null))?.compare ?? "after";

/** The frame with a part and arrays of it in the place of those it had; null takes them out. */
export function withPart<P extends keyof Parts>(
  frame: Frame,
  name: P,
  part: Parts[P] | null,
  changed: Record<string, NamedArray | null> = {},
): Frame {
  const parts: Parts = { ...frame.parts };
  if (part) parts[name] = part as Parts[P];
  else delete parts[name];
  const arrays = new Map(frame.arrays);
  if (!part) for (const array of arrays.keys()) if (array.startsWith(`${name}.`)) arrays.delete(array);
  for (const [of, array] of Object.entries(changed)) {
    if (array) arrays.set(`${name}.${of}`, array);
    else arrays.delete(`${name}.${of}`);
  }
  return { ...frame, parts, arrays };
}
