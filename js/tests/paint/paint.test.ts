import { describe, expect, test } from "vitest";
import { paintBytes, strongestBin } from "../../src/paint/image.ts";
import {
  binOf,
  clampRange,
  fractions,
  itemAt,
  itemsOf,
  panRange,
  type Range,
  reveal,
  unlessAll,
  zoomRange,
} from "../../src/paint/region.ts";
import { roomForAll, roundStep, ticksOf } from "../../src/paint/ticks.ts";
import { heightOf, ownScale, togetherness, tracePath } from "../../src/paint/trace.ts";
import { glyphs, percent, shorten, splitUnit } from "../../src/paint/words.ts";
import type { Scale } from "../../src/wire/protocol.ts";

const linear = (lo: number, hi: number): Scale => ({
  lo,
  hi,
  mode: "linear",
  knee: 1,
  signed: lo < 0,
  pinned: false,
});

describe("ranges", () => {
  test("a range keeps its length when it is pushed back inside", () => {
    expect(clampRange([8, 13], 10)).toEqual([5, 10]);
    expect(clampRange([-3, 2], 10)).toEqual([0, 5]);
    expect(clampRange([2, 40], 10)).toEqual([0, 10]);
    expect(clampRange(null, 10)).toEqual([0, 10]);
    expect(clampRange([3, 5], 0)).toEqual([0, 0]);
  });

  test("zooming keeps what is under the pointer under the pointer", () => {
    for (const at of [0, 0.25, 0.5, 0.9]) {
      const before: Range = [0, 1000];
      const after = zoomRange(before, 1000, 0.5, at);
      expect(after[1] - after[0]).toBe(500);
      const item = at * 1000;
      expect((item - after[0]) / 500).toBeCloseTo(at, 2);
    }
  });

  test("even the smallest zoom changes something, and never leaves 'least … all'", () => {
    expect(zoomRange([0, 10], 10, 0.99, 0.5)).not.toEqual([0, 10]);
    expect(zoomRange([3, 7], 10, 1.01, 0.5)).not.toEqual([3, 7]);
    expect(zoomRange([2, 6], 10, 0.1, 0.5, 4)).toEqual([2, 6]);
    expect(zoomRange([2, 6], 10, 100, 0.5, 4)).toEqual([0, 10]);
    expect(zoomRange([0, 2], 2, 0.5, 0.5, 4)).toEqual([0, 2]);
  });

  test("panning stops at the ends", () => {
    expect(panRange([2, 5], 10, 100)).toEqual([7, 10]);
    expect(panRange([2, 5], 10, -100)).toEqual([0, 3]);
  });

  test("revealing moves no further than needed", () => {
    expect(reveal([2, 5], 10, 3)).toEqual([2, 5]);
    expect(reveal([2, 5], 10, 5)).toEqual([3, 6]);
    expect(reveal([2, 5], 10, 0)).toEqual([0, 3]);
  });

  test("everything is asked for as null, so that it grows with the text", () => {
    expect(unlessAll([0, 10], 10)).toBeNull();
    expect(unlessAll([1, 10], 10)).toEqual([1, 10]);
  });

  test("where a reply lies in what is seen", () => {
    expect(fractions([0, 100], [25, 75])).toEqual([-0.5, 2]);
    expect(itemAt(0.999999, [5, 8])).toBe(7);
    expect(itemAt(1, [5, 8])).toBe(7);
  });
});

describe("bins", () => {
  test.each([
    [10, 3],
    [1000, 320],
    [321, 320],
    [7, 7],
    [5, 1],
  ])("every one of %i items lies in exactly the bin that says so, of %i", (length, bins) => {
    const range: Range = [17, 17 + length];
    for (let bin = 0; bin < bins; bin++) {
      const [from, to] = itemsOf(bin, range, bins);
      expect(to).toBeGreaterThan(from);
      for (let item = from; item < to; item++) expect(binOf(item, range, bins)).toBe(bin);
    }
    expect(binOf(16, range, bins)).toBeNull();
    expect(binOf(17 + length, range, bins)).toBeNull();
  });
});

describe("pictures", () => {
  test("each byte gets its colour", () => {
    const table = Uint32Array.from({ length: 256 }, (_, i) => i * 3);
    const out = new Uint32Array(3);
    paintBytes(Uint8Array.of(0, 129, 255), table, out);
    expect([...out]).toEqual([0, 387, 765]);
  });

  test("the strongest bin is the farthest from zero, either way, and NaN is none", () => {
    expect(strongestBin(Uint8Array.of(129, 200, 20, 0), 2, true)).toEqual({ row: 1, col: 0, byte: 20 });
    expect(strongestBin(Uint8Array.of(3, 9, 4, 0), 2, false)).toEqual({ row: 0, col: 1, byte: 9 });
    expect(strongestBin(Uint8Array.of(0, 0), 2, true)).toBeNull();
  });
});

describe("ticks", () => {
  test("steps are 1, 2, 5 times a power of ten", () => {
    expect([100, 260, 700, 3000].map((count) => roundStep(count, 300, 30))).toEqual([10, 50, 100, 500]);
  });

  test("labels stand apart and within the range", () => {
    const ticks = ticksOf([3, 400], 500, 40);
    for (const [i, tick] of ticks.entries()) {
      expect(tick.at).toBeGreaterThanOrEqual(0);
      expect(tick.at).toBeLessThanOrEqual(500);
      if (i > 0) expect(tick.at - ticks[i - 1]!.at).toBeGreaterThanOrEqual(40);
    }
    expect(ticksOf([0, 0], 500, 40)).toEqual([]);
  });

  test("numbers count from the window's first token", () => {
    expect(ticksOf([0, 10], 100, 10, 95).map(({ index }) => index + 95)).toContain(100);
  });

  test("room for all", () => {
    expect(roomForAll([0, 10], 100, 10)).toBe(true);
    expect(roomForAll([0, 11], 100, 10)).toBe(false);
  });
});

describe("traces", () => {
  test("a step a token, as high as its value", () => {
    expect(tracePath([0, 10], [0, 2], linear(0, 10), 20, 12)).toBe("M0 11H10V1H20");
  });

  test("a gap where there is no number", () => {
    const path = tracePath([1, Number.NaN, 1], [0, 3], linear(0, 1), 30, 12);
    expect(path.match(/M/g)).toHaveLength(2);
    expect(path).not.toContain("NaN");
  });

  test("more tokens than pixels: the strongest is drawn", () => {
    const values = new Float32Array(1000);
    values[501] = -8;
    const path = tracePath(values, [0, 1000], linear(-8, 8), 10, 18);
    expect(path).toContain(`V${heightOf(-8, linear(-8, 8), 18)}`);
  });

  test("a weak unit's line is fitted to it in round ends; pinned ends stay", () => {
    expect(ownScale([0.3, 1.2, Number.NaN], linear(-8, 8))).toMatchObject({ lo: 0, hi: 2 });
    expect(ownScale([-0.3, 1.2], linear(-8, 8))).toMatchObject({ lo: -0.5, hi: 2 });
    expect(ownScale([0], linear(-8, 8))).toMatchObject({ lo: 0, hi: 1 });
    expect(ownScale([1], { ...linear(-8, 8), pinned: true })).toMatchObject({ lo: -8, hi: 8 });
  });

  test("units that rise together, apart, or not at all", () => {
    expect(togetherness([1, 2, 3], [10, 20, 30])).toBeCloseTo(1);
    expect(togetherness([1, 2, 3, Number.NaN], [3, 2, 1, 9])).toBeCloseTo(-1);
    expect(togetherness([1, 1, 1], [1, 2, 3])).toBeNull();
    expect(togetherness([1, 2], [1, 2])).toBeNull();
  });
});

describe("words", () => {
  test("whitespace and control characters can be seen", () => {
    expect(glyphs(" \n\t\0")).toBe("␣⏎⇥␀");
    expect(glyphs("\u200b\u202e")).toBe("∅∅");
    expect(glyphs("\u0301")).toBe("◌\u0301");
    expect(glyphs("</b>😀")).toBe("</b>😀");
  });

  test("shortening never splits a character", () => {
    expect(shorten("😀😀😀", 2)).toBe("😀…");
  });

  test("probabilities", () => {
    expect([0.5, 0.0431, 0.00004, 0.0004, 1, Number.NaN].map(percent)).toEqual([
      "50 %",
      "4.3 %",
      "< 0.01 %",
      "0.04 %",
      "100 %",
      "not a number",
    ]);
  });

  test("a unit's site may hold a colon", () => {
    expect(splitUnit("a:b.2:417")).toEqual(["a:b.2", 417]);
  });
});
