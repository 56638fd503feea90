/**
 * Offsets in UTF-16 (the browser's) and code points (Python's), tokens under an offset, and old tokens under new
 * text.
 */

/** How many code points lie before a UTF-16 offset; an offset inside a pair counts the pair. */
export function codePointOf(text: string, offset: number): number {
  let count = 0;
  for (let i = 0; i < offset && i < text.length; i += width(text, i)) count++;
  return count;
}

/** The UTF-16 offset of a code point, at most the end of the text. */
export function offsetOf(text: string, codePoint: number): number {
  let i = 0;
  for (let count = 0; count < codePoint && i < text.length; count++) i += width(text, i);
  return i;
}

function width(text: string, i: number): 1 | 2 {
  return text.codePointAt(i)! > 0xffff ? 2 : 1;
}

/**
 * Index in `spans` [tokens, 2] of the token that the character at `offset` belongs to; at the very end the last token.
 * Of tokens that share a character it is the first. -1 when there is none.
 */
export function tokenAt(spans: Int32Array, offset: number): number {
  let low = 0;
  let high = spans.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[2 * middle + 1]! > offset) high = middle;
    else low = middle + 1;
  }
  if (low < spans.length / 2) return spans[2 * low]! <= offset ? low : low - 1;
  return low - 1;
}

/** Index in `spans` of the token just before a cursor at `offset`, the last of those that share a character; at the front 0. */
export function tokenBefore(spans: Int32Array, offset: number): number {
  let low = 0;
  let high = spans.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[2 * middle]! < offset) low = middle + 1;
    else high = middle;
  }
  return low > 0 ? low - 1 : Math.min(0, spans.length / 2 - 1);
}

export type Change = {
  /** Characters alike at the front and at the back, and how much longer the new text is. */
  prefix: number;
  suffix: number;
  delta: number;
};

export function changeBetween(before: string, after: string): Change {
  const most = Math.min(before.length, after.length);
  let prefix = 0;
  while (prefix < most && before.charCodeAt(prefix) === after.charCodeAt(prefix)) prefix++;
  let suffix = 0;
  while (
    suffix < most - prefix &&
    before.charCodeAt(before.length - 1 - suffix) === after.charCodeAt(after.length - 1 - suffix)
  )
    suffix++;
  return { prefix, suffix, delta: after.length - before.length };
}

/**
 * Where the tokens of `before` lie in `after`: [tokens, 2], and [-1, -1] for a token that the edit touched.
 * The same array comes back when nothing changed.
 */
export function shiftSpans(spans: Int32Array, before: string, after: string): Int32Array {
  if (before === after) return spans;
  const { prefix, suffix, delta } = changeBetween(before, after);
  const tail = before.length - suffix;
  const moved = new Int32Array(spans.length);
  for (let i = 0; i < spans.length; i += 2) {
    const start = spans[i]!;
    const end = spans[i + 1]!;
    if (end <= prefix) {
      moved[i] = start;
      moved[i + 1] = end;
    } else if (start >= tail) {
      moved[i] = start + delta;
      moved[i + 1] = end + delta;
    } else {
      moved[i] = -1;
      moved[i + 1] = -1;
    }
  }
  return moved;
}
