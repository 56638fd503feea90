/**
 * Cuts the text for drawing: a stretch for each token, and what to do where that is not so simple.
 *
 * Tokens may share a character (byte-level tokenizers on emoji), split a cluster that the eye sees as one (a letter and
 * its accent), or leave gaps. New characters have no token until the next frame.
 */

import { changeBetween, shiftSpans } from "../../../session/text/offsets.ts";
import type { Frame } from "../../../wire/frame.ts";
import { labelsOf, spansOf, textWindow } from "../../../wire/tokens.ts";

export type Segment = {
  /** UTF-16 offsets in the present text. */
  start: number;
  end: number;
  /** The tokens drawn here, by their index in the frame's window: none, one, or several that share a character. */
  tokens: number[];
  /** Does it lie outside the window that the model looks at? */
  outside: boolean;
  /** Does the tokenizer know it as a mark, and not as text? */
  special?: boolean;
};

const clusters = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Covers all of `text`, in order and without overlap. */
export function segmentsOf(text: string, frame: Frame | null): Segment[] {
  if (text === "") return [];
  if (!frame) return [{ start: 0, end: text.length, tokens: [], outside: false }];
  const pieces = mendClusters(text, tokenPieces(text, frame));
  return fillGaps(text, pieces, ...windowIn(text, frame));
}

function tokenPieces(text: string, frame: Frame): Segment[] {
  const spans = shiftSpans(spansOf(frame), frame.text, text);
  const pieces: Segment[] = [];
  /** Tokens of no width that stand before a character. */
  let ahead: number[] = [];
  for (let token = 0; token < spans.length / 2; token++) {
    const special = Object.hasOwn(labelsOf(frame), token);
    if (special && isBeside(frame, token)) continue;
    const last = pieces[pieces.length - 1];
    const done = last?.end ?? 0;
    const start = Math.max(spans[2 * token]!, done);
    const end = spans[2 * token + 1]!;
    if (end < 0) continue;
    if (end > start) {
      pieces.push({ start, end, tokens: [...ahead, token], outside: false, ...(special && { special }) });
      ahead = [];
    } else if (last && last.end === end && (isOneCharacter(text, last) || spans[2 * token]! < end)) {
      last.tokens.push(token);
    } else {
      ahead.push(token);
    }
  }
  pieces[pieces.length - 1]?.tokens.push(...ahead);
  return pieces;
}

/** Is a token nowhere in the text, as `[CLS]`? Other special tokens are written there: `<|user|>`. */
export function isBeside(frame: Frame, token: number): boolean {
  const spans = spansOf(frame);
  return spans[2 * token] === spans[2 * token + 1];
}

/** One character beyond ASCII is what tokenizers split. */
function isOneCharacter(text: string, { start, end }: Segment): boolean {
  const code = text.codePointAt(start)!;
  return code > 0x7f && end - start === (code > 0xffff ? 2 : 1);
}

/** Gives each cluster that a token boundary cuts a piece of its own, with all its tokens. */
function mendClusters(text: string, pieces: Segment[]): Segment[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is meant, all of it.
  if (/^[\x00-\x7f]*$/.test(text)) return pieces;
  const view = clusters.segment(text);
  const mended: Segment[] = [];
  for (const piece of pieces) {
    const last = mended[mended.length - 1];
    if (!last || last.end !== piece.start || text.charCodeAt(piece.start) < 0x80) {
      mended.push(piece);
      continue;
    }
    const cluster = view.containing(piece.start)!;
    const start = cluster.index;
    const end = start + cluster.segment.length;
    if (start === piece.start) {
      mended.push(piece);
      continue;
    }
    const shared = [...piece.tokens];
    // Everything drawn since the cluster began belongs to it.
    while (mended.length > 0 && mended[mended.length - 1]!.end > start) {
      const earlier = mended.pop()!;
      shared.unshift(...earlier.tokens);
      if (earlier.start < start) mended.push({ ...earlier, end: start });
    }
    mended.push({ start, end: Math.min(end, piece.end), tokens: [...new Set(shared)], outside: false });
    if (end < piece.end) mended.push({ ...piece, start: end });
  }
  return mended;
}

/** Where the frame's window lies in the present text. */
function windowIn(text: string, frame: Frame): [number, number] {
  const { start, end } = textWindow(frame);
  if (frame.text === text) return [start, end];
  const { prefix, suffix, delta } = changeBetween(frame.text, text);
  const tail = frame.text.length - suffix;
  const move = (offset: number, inside: number) => {
    if (offset <= prefix) return offset;
    return offset >= tail ? offset + delta : inside;
  };
  // An edit at the very end of the window grows it.
  return [move(start, prefix), end === frame.text.length ? text.length : move(end, tail + delta)];
}

function fillGaps(text: string, pieces: Segment[], from: number, to: number): Segment[] {
  const all: Segment[] = [];
  const gap = (start: number, end: number) => {
    const cuts = [start, Math.min(Math.max(start, from), end), Math.min(Math.max(start, to), end), end];
    for (let i = 0; i < 3; i++) {
      if (cuts[i]! < cuts[i + 1]!)
        all.push({ start: cuts[i]!, end: cuts[i + 1]!, tokens: [], outside: i !== 1 });
    }
  };
  let at = 0;
  for (const piece of pieces) {
    gap(at, piece.start);
    all.push(piece);
    at = piece.end;
  }
  gap(at, text.length);
  return all;
}
