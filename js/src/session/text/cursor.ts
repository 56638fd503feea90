/** Cursor in a text: where a person is, and which token of the last frame that is. */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { Frame } from "../../wire/frame.ts";
import type { Selection } from "../../wire/protocol.ts";
import { spansOf, textWindow } from "../../wire/tokens.ts";
import { codePointOf, offsetOf, tokenBefore } from "./offsets.ts";

export class Cursor {
  readonly #text: ReadonlySignal<string>;
  readonly #frame: ReadonlySignal<Frame | null>;
  /** The offset, as the browser counts. */
  readonly offset = signal(0);

  constructor(text: ReadonlySignal<string>, frame: ReadonlySignal<Frame | null>) {
    this.#text = text;
    this.#frame = frame;
    this.offset.value = text.peek().length;
  }

  /** The token before it; null where it lies outside the window that was looked at. */
  get token(): number | null {
    const frame = this.#frame.peek();
    if (!frame) return null;
    const offset = this.offset.peek();
    const { start, end, first } = textWindow(frame);
    if (offset < start || offset > end) return null;
    return first + tokenBefore(spansOf(frame), offset);
  }

  /** The text is another one: it stays where it was, or at the end. */
  keepInside(): void {
    this.offset.value = Math.min(this.offset.peek(), this.#text.peek().length);
  }

  /** To a code point of the text. */
  moveTo(codePoint: number): void {
    this.offset.value = offsetOf(this.#text.peek(), codePoint);
  }

  /** The code points between two offsets. */
  spanBetween(start: number, end: number): [number, number] {
    const text = this.#text.peek();
    return [codePointOf(text, start), codePointOf(text, end)];
  }

  /** The code points of a token; null where it lies outside the window that was looked at. */
  spanOf(token: number | null): Selection["span"] {
    const frame = this.#frame.peek();
    const index = token === null || !frame ? -1 : token - textWindow(frame).first;
    const spans = frame && spansOf(frame);
    if (!spans || index < 0 || index >= spans.length / 2) return null;
    const offset = (at: 0 | 1) => codePointOf(frame.text, spans[2 * index + at]!);
    return [offset(0), offset(1)];
  }
}
