/** What stands where in a long list, what a click picks, and how much of a text is shown. */
import { describe, expect, it } from "vitest";
import { readUnit } from "../../src/atlas/exemplars/grid.tsx";
import { heightOf, inSight, layOut, scrollTo } from "../../src/atlas/exemplars/list/layout.ts";
import { parts } from "../../src/atlas/exemplars/list/opened.tsx";
import { type Picks, pick } from "../../src/atlas/exemplars/list/picks.ts";
import { sayStratum } from "../../src/atlas/exemplars/store/words.ts";
import type { Listing } from "../../src/kinds/exemplars.ts";
import { cropBox, overlay } from "../../src/kinds/image/exemplar.tsx";
import { shareOf } from "../../src/kinds/table/exemplar.tsx";
import { contextWindow, leadFor, linesFor, startFor } from "../../src/kinds/text/context-window.ts";
import { TEXT_EXEMPLARS } from "../../src/kinds/text/exemplar.tsx";
import { visible } from "../../src/paint/words.ts";

const SIZES = { line: 30, head: 20, open: 200, perLine: 1 };
const STRATA = [
  { stratum: 4, first: 0, count: 2, low: 4, high: 5 },
  { stratum: 3, first: 2, count: 0, low: 3, high: 4 },
  { stratum: 2, first: 2, count: 3, low: 2, high: 3 },
];

describe("a long list", () => {
  it("has every place once, in order, one below the other", () => {
    const items = layOut(5, STRATA, null, SIZES);
    const places = items.flatMap((item) => (item.kind === "line" ? [item.first] : []));
    expect(places).toEqual([0, 1, 2, 3, 4]);
    expect(items.map(({ kind }) => kind)).toEqual([
      "head",
      ...["line", "line"],
      ...["head", "head"],
      ...["line", "line", "line"],
    ]);
    let top = 0;
    for (const item of items) {
      expect(item.top).toBe(top);
      top += item.height;
    }
    expect(heightOf(items)).toBe(3 * 20 + 5 * 30);
  });

  it("draws a few of a hundred thousand, wherever it is scrolled to", () => {
    const items = layOut(100_000, [], null, SIZES);
    for (const top of [0, 12_345, heightOf(items) - 400]) {
      const drawn = inSight(items, top, top + 400);
      expect(drawn.length).toBeLessThan(30);
      expect(drawn[0]!.top).toBeLessThanOrEqual(top);
      const last = drawn.at(-1)!;
      expect(last.top + last.height).toBeGreaterThanOrEqual(top + 400);
    }
  });

  it("makes room for what is opened, below the line it is on", () => {
    const items = layOut(10, [], 4, { ...SIZES, perLine: 3 });
    const open = items.findIndex(({ kind }) => kind === "open");
    expect(items[open - 1]).toMatchObject({ first: 3, last: 6 });
    expect(items[open + 1]!.top).toBe(items[open]!.top + 200);
    expect(heightOf(items)).toBe(4 * 30 + 200);
  });

  it("scrolls no further than it must", () => {
    const items = layOut(100, [], null, SIZES);
    expect(scrollTo(items, 3, 0, 300)).toBeNull();
    expect(scrollTo(items, 20, 0, 300)).toBe(21 * 30 - 300);
    expect(scrollTo(items, 2, 600, 300)).toBe(60);
  });
});

describe("picking", () => {
  const keyAt = (place: number) => (place < 6 ? 10 + place : undefined);
  const click = (before: Picks, place: number, how = "") =>
    pick(before, place, { toggle: how.includes("control"), reach: how.includes("shift") }, keyAt);
  const none: Picks = { picked: [], anchor: null };

  it("takes one, or none again", () => {
    const one = click(none, 2);
    expect(one).toEqual({ picked: [12], anchor: 2 });
    expect(click(one, 3).picked).toEqual([13]);
    expect(click(one, 2).picked).toEqual([]);
  });

  it("adds with Control and reaches with Shift, from where it began", () => {
    const two = click(click(none, 4), 1, "control");
    expect(two.picked).toEqual([14, 11]);
    expect(click(two, 4, "control").picked).toEqual([11]);
    const reach = click(two, 3, "shift");
    expect(reach).toEqual({ picked: [11, 12, 13], anchor: 1 });
    expect(click(reach, 0, "shift").picked).toEqual([10, 11]);
    expect(click(two, 2, "shift control").picked).toEqual([14, 11, 12]);
  });

  it("takes nothing that has not come yet", () => {
    expect(click(none, 7)).toBe(none);
    expect(click(click(none, 5), 9, "shift").picked).toEqual([15]);
  });
});

describe("how much is shown", () => {
  it("holds the peak, as many tokens as asked, and no others", () => {
    for (const count of [1, 4, 17, 25]) {
      for (let peak = 0; peak < count; peak++) {
        for (const context of ["5", "16", "full"] as const) {
          const [first, last] = contextWindow(count, peak, context);
          expect(first).toBeGreaterThanOrEqual(0);
          expect(last).toBeLessThanOrEqual(count);
          expect(peak >= first && peak < last).toBe(true);
          expect(last - first).toBe(context === "full" ? count : Math.min(count, Number(context)));
        }
      }
    }
  });

  it("needs one line to four", () => {
    expect(linesFor(25, 400, 7)).toBe(1);
    expect(linesFor(120, 400, 7)).toBe(3);
    expect(linesFor(9000, 400, 7)).toBe(4);
    expect(linesFor(9000, 0, 7)).toBe(1);
  });

  it("leaves spaces and shows what cannot be seen", () => {
    expect(visible("a b\n")).toBe("a b⏎");
    expect(visible("\t")).toBe("⇥");
    expect(visible("")).toBe("∅");
  });
});

describe("a document", () => {
  const text = "one two two three";
  it("is cut where the tokens stand, and loses nothing", () => {
    const stretches = parts({ text }, Int32Array.from([8, 11, 11, 12, 12, 17]), {
      pieces: ["two", " ", "three"],
    });
    expect(stretches.map((part) => part.text).join("")).toBe(text);
    expect(stretches).toEqual([
      { text: "one two ", token: null },
      { text: "two", token: 0 },
      { text: " ", token: 1 },
      { text: "three", token: 2 },
    ]);
  });

  it("stays whole where nobody knows, and where tokens share a character", () => {
    expect(parts({ text }, new Int32Array(0), { pieces: ["two"] })).toEqual([{ text, token: null }]);
    const shared = parts({ text: "aéb" }, Int32Array.from([1, 2, 1, 2]), { pieces: ["�", "�"] });
    expect(shared.map((part) => part.text).join("")).toBe("aéb");
    expect(shared.map((part) => part.token)).toEqual([null, 0, 1, null]);
  });
});

describe("pictures and rows", () => {
  const scale = { lo: 0, hi: 2, mode: "linear", knee: 1, signed: false, pinned: false } as const;
  it("the part around the peak lies in the picture and holds it", () => {
    for (const [y, x] of [
      [0, 0],
      [15, 15],
      [7, 3],
    ] as const) {
      const [left, top, width, height] = cropBox([y, x], [16, 16])!;
      expect(left).toBeGreaterThanOrEqual(0);
      expect(top + height).toBeLessThanOrEqual(1 + 1e-9);
      expect((x + 0.5) / 16).toBeGreaterThan(left);
      expect((x + 0.5) / 16).toBeLessThan(left + width);
    }
    expect(cropBox(null, [16, 16])).toBeNull();
    expect(cropBox([0, 0], [1, 1])).toBeNull();
  });

  it("the map covers where the unit is strong, and nothing where it is silent", () => {
    const rgba = overlay(Float32Array.from([0, 1, 2]), scale);
    expect(rgba[3]).toBe(0);
    expect(rgba[7]).toBeGreaterThan(50);
    expect(rgba[11]).toBeGreaterThan(rgba[7]!);
  });

  it("a bar says where a value lies between the ends of its column", () => {
    expect(shareOf(15, { name: "age", ends: [10, 20] })).toBe(0.5);
    expect(shareOf(99, { name: "age", ends: [10, 20] })).toBe(1);
    expect(shareOf("nan", { name: "age", ends: [10, 20] })).toBeNull();
    expect(shareOf("left", { name: "side", ends: null })).toBeNull();
  });
});

describe("words", () => {
  it("name a stratum by its values", () => {
    expect(sayStratum("intervals", STRATA[0]!)).toBe("Interval 5 of 5 (highest): 4 to 5");
    expect(sayStratum("intervals", STRATA[1]!)).toContain("no document kept");
    expect(sayStratum("quantiles", STRATA[2]!)).toBe("Fifth 3 of 5: those in its middle have 2 to 3");
  });

  it("a unit is read as it is written, or a sentence says what there is", () => {
    const info = { model: "m", input: "text", documents: 1, tokens: 1 } as const;
    const sites = [{ name: "mlp.0", kind: "mlp", width: 4, layer: 0 }];
    expect(readUnit(" mlp.0:3 ", { ...info, sites })).toEqual({ unit: "mlp.0:3" });
    expect(readUnit("mlp.0:4", { ...info, sites })).toEqual({ problem: "mlp.0 has the units 0 to 3." });
    expect(readUnit("mlp.0:", { ...info, sites })).toHaveProperty("problem");
    expect(readUnit("mlp.9:1", { ...info, sites })).toEqual({
      problem: "Write a site and a unit, as mlp.0:3. There are mlp.0.",
    });
  });
});

describe("tokens around a peak", () => {
  it("have more room in a narrow list, which leaves out where they are from", () => {
    const row = { pieces: Array.from({ length: 21 }, () => "x"), peak: 12, around: ["", ""] };
    const look = (width: number) =>
      TEXT_EXEMPLARS.exemplars!.look({ rows: [row] } as unknown as Listing, "full", width);
    expect(look(504).room!).toBeGreaterThan(look(505).room!);
    expect(look(327).sizes.line).toBe(look(900).sizes.line);
    expect(look(327).lead).toBe(12);
  });

  const spread = [10, 20, 39, 60, 100, 160];

  it.each(spread)("fill a row of %i characters, with the peak in sight", (room) => {
    for (const [before, after] of [
      [0, 1],
      [16, 9],
      [30, 4],
      [3, 30],
    ] as const)
      for (const [left, right] of [
        [0, 0],
        [160, 160],
        [160, 0],
        [0, 160],
      ] as const) {
        const lead = leadFor(room, [before, after], [before + left, after + right]);
        expect(lead).toBeLessThan(room);
        expect(lead).toBeLessThanOrEqual(before + left);
        // Nothing that is kept makes way for what is not, as long as there is room for all of it.
        if (before + after <= room) {
          expect(lead).toBeGreaterThanOrEqual(Math.min(before, Math.floor(0.6 * room)));
          expect(room - lead).toBeGreaterThanOrEqual(Math.min(after, room - before));
        }
        const shown = Math.min(lead, before + left) + Math.min(room - lead, after + right);
        if (left === 160 && right === 160) expect(shown).toBe(room);
      }
  });

  it("begin late enough for the peak to be seen", () => {
    const pieces = ["aaaa", "bbbb", "", "cccc", "P", "d"];
    expect(startFor(pieces, 0, 4, 100)).toBe(0);
    expect(startFor(pieces, 0, 4, 9)).toBe(1);
    expect(startFor(pieces, 0, 4, 5)).toBe(2);
    expect(startFor(pieces, 0, 4, 0)).toBe(4);
    expect(startFor(pieces, 3, 4, 100)).toBe(3);
  });
});
