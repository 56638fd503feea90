import { describe, expect, it } from "vitest";
import { withPlainNewlines } from "../../src/kinds/text/input.ts";
import {
  changeBetween,
  codePointOf,
  offsetOf,
  shiftSpans,
  tokenAt,
  tokenBefore,
} from "../../src/session/text/offsets.ts";

describe("code points and UTF-16", () => {
  it("agree with Python's counting", () => {
    const text = "a🎉b👩‍👧e\u0301";
    const points = Array.from(text);
    points.forEach((_, i) => {
      const offset = points.slice(0, i).join("").length;
      expect(codePointOf(text, offset)).toBe(i);
      expect(offsetOf(text, i)).toBe(offset);
    });
    expect(codePointOf(text, 999)).toBe(points.length);
    expect(offsetOf(text, 999)).toBe(text.length);
  });
});

describe("tokens at an offset", () => {
  const spans = Int32Array.from([0, 2, 2, 3, 4, 6, 4, 6, 6, 7]);

  it("before a cursor is the one that ends or lies around there", () => {
    expect([0, 1, 2, 3, 4, 5, 6, 7].map((offset) => tokenBefore(spans, offset))).toEqual([
      0, 0, 0, 1, 1, 3, 3, 4,
    ]);
    expect(tokenBefore(new Int32Array(0), 0)).toBe(-1);
  });

  it("under a character is the first that has it", () => {
    expect([0, 1, 2, 4, 5, 6, 7].map((offset) => tokenAt(spans, offset))).toEqual([0, 0, 1, 2, 2, 4, 4]);
    expect(tokenAt(new Int32Array(0), 3)).toBe(-1);
  });
});

describe("spans over an edit", () => {
  const letters = (text: string) =>
    Int32Array.from({ length: 2 * text.length }, (_, i) => (i >> 1) + (i & 1));

  it("stay before it and move behind it", () => {
    const moved = shiftSpans(letters("abcd"), "abcd", "abXYcd");
    expect([...moved]).toEqual([0, 1, 1, 2, 4, 5, 5, 6]);
  });

  it("are gone where it touched", () => {
    const moved = shiftSpans(letters("abcd"), "abcd", "aZd");
    expect([...moved]).toEqual([0, 1, -1, -1, -1, -1, 2, 3]);
  });

  it("are the same array when nothing changed", () => {
    const spans = letters("abc");
    expect(shiftSpans(spans, "abc", "abc")).toBe(spans);
  });

  it("for any edit point at the same characters as before", () => {
    const words = ["", "a", "ab", "aba", "aab", "ba", "baab", "🎉a", "a🎉"];
    for (const before of words) {
      for (const after of words) {
        const { prefix, suffix, delta } = changeBetween(before, after);
        expect(before.slice(0, prefix)).toBe(after.slice(0, prefix));
        expect(before.slice(before.length - suffix)).toBe(after.slice(after.length - suffix));
        expect(prefix + suffix).toBeLessThanOrEqual(Math.min(before.length, after.length));
        expect(delta).toBe(after.length - before.length);
        const moved = shiftSpans(letters(before), before, after);
        for (let i = 0; i < before.length; i++) {
          if (moved[2 * i]! >= 0) expect(after.slice(moved[2 * i], moved[2 * i + 1])).toBe(before[i]);
        }
      }
    }
  });
});

it("newlines are those a textarea knows", () => {
  expect(withPlainNewlines("a\r\nb\rc\nd")).toBe("a\nb\nc\nd");
});
