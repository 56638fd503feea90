/** Tokens of a frame of a text: the window that was looked at, and where its tokens lie. Others have none. */
import { type Arrays, checkArray } from "./arrays.ts";
import { type Checks, isCount, isList, isText, mustBe } from "./checks.ts";
import { same } from "./inputs.ts";
import type { Head, TextWindow } from "./protocol.ts";
import { Refusal } from "./refusal.ts";

/** Of a frame, what is said of tokens. */
type Frame = { readonly head: Head; readonly arrays: Arrays; readonly text: string };

const NO_WINDOW: TextWindow = { start: 0, end: 0, first: 0, total: 0 };
const NO_SPANS = new Int32Array(0);
const NO_LABELS = {};

export const textWindow = ({ head }: Frame): TextWindow => head.input.window ?? NO_WINDOW;
/** Tokens that are not text, by their index in the window. */
export const labelsOf = ({ head }: Frame): Record<string, string> => head.input.labels ?? NO_LABELS;
/** [tokens, 2] starts and ends, UTF-16 offsets in `text`. */
export const spansOf = ({ arrays }: Frame): Int32Array =>
  (arrays.get("input.spans")?.data as Int32Array | undefined) ?? NO_SPANS;
/** [tokens] numbers of the tokens in the vocabulary; undefined where a kernel does not tell. */
export const idsOf = ({ arrays }: Frame): Int32Array | undefined =>
  arrays.get("input.ids")?.data as Int32Array | undefined;
/** How many tokens the frame's window has. */
export const tokenCount = (frame: Frame): number => spansOf(frame).length / 2;

/** Do two frames cut the same text alike? */
export function sameTokens(one: Frame, other: Frame): boolean {
  if (one.text !== other.text || !same(one.head.input, other.head.input)) return false;
  const [spans, others] = [spansOf(one), spansOf(other)];
  return spans.length === others.length && spans.every((end, i) => end === others[i]);
}

const WINDOW: Checks = {
  start: isCount,
  end: isCount,
  first: isCount,
  total: isCount,
  without: (x) => x === undefined || isList(x, isText),
};
const LABELS: Checks = { labels: (x) => isList(Object.values(x ?? [0]), isText) };

export function checkTokens(frame: Frame): void {
  const { head, arrays, text } = frame;
  if (head.input.window === undefined && head.input.labels === undefined) return;
  mustBe(head.input.window, "window", WINDOW);
  mustBe(head.input, "input", LABELS);
  checkArray(arrays, "input.spans", "i32", [null, 2]);
  const spans = spansOf(frame);
  checkArray(arrays, "input.ids", "i32", [spans.length / 2]);
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
