import { describe, expect, test } from "vitest";
import { complete, matching } from "../../src/kinds/table/columns.ts";
import { classOf, heightAt, line, outline, placeOf, valueAt } from "../../src/paint/column-lines.ts";
import { neighbour } from "../../src/ui/roving-focus.ts";
import type { Column } from "../../src/wire/traits.ts";

const radius: Column = {
  name: "mean radius",
  kind: "number",
  low: 5,
  high: 25,
  histogram: [1, 4, 2],
  step: 0.5,
};
const side: Column = { name: "side", kind: "category", values: ["left", "right", "both"] };
const box = { lo: 0, hi: 1, width: 100, height: 10, steps: false };

describe("columns", () => {
  test("are found by words of their name in any order", () => {
    expect(matching([radius, side], " RADIUS mean")).toEqual([radius]);
    expect(matching([radius, side], "")).toEqual([radius, side]);
    expect(matching([radius, side], "none")).toEqual([]);
  });
  test("complete a row, keep what is right, and drop what is no column", () => {
    expect(complete([radius, side], {})).toEqual({ "mean radius": 15, side: "left" });
    expect(complete([radius, side], { "mean radius": 99, side: "up", odd: 1 })).toEqual({
      "mean radius": 99,
      side: "up",
    });
  });
  test("values and places of a number: in its steps, kept inside", () => {
    expect(valueAt(0.51, radius)).toBe(15);
    expect(valueAt(7, radius)).toBe(25);
    expect(valueAt(0.3, { ...radius, low: 0, high: 1, step: 0.1 })).toBe(0.3);
    expect(valueAt(0.123, { ...radius, low: 0, high: 1, step: 0 })).toBe(0.123);
    expect(placeOf(10, [5, 25])).toBe(0.25);
    expect(placeOf(99, [5, 25])).toBe(1);
    expect(placeOf(5, [5, 5])).toBe(0.5);
    expect(placeOf("left", [5, 25])).toBe(null);
  });
  test("values and places of a category: the middle of its part", () => {
    expect(valueAt(0.5, side)).toBe("right");
    expect(valueAt(1, side)).toBe("both");
    expect(placeOf("right", side.kind === "category" ? side.values : [])).toBe(0.5);
    expect(placeOf("up", ["left"])).toBe(null);
  });
  test("every value of a category is found at its own place", () => {
    const values = ["a", "b", "c", "d", "e"];
    for (const value of values) {
      expect(valueAt(placeOf(value, values)!, { ...side, kind: "category", values })).toBe(value);
    }
  });
});

describe("lines", () => {
  test("run from the first to the last point; gaps where there is no number", () => {
    expect(line([0, 1, 0.5], box)).toBe("M0 10L50 0L100 5");
    expect(line([0, Number.NaN, 1, 1], box)).toBe("M0 10M66.7 0L100 0");
    expect(line([3], box)).toContain("M0");
  });
  test("of categories have one level each", () => {
    expect(line([0, 1], { ...box, steps: true })).toBe("M0 10H50M50 0H100");
  });
  test("a flat line without a range lies in the middle", () => {
    expect(line([2, 2], { ...box, lo: 2, hi: 2 })).toBe("M0 5L100 5");
  });
  test("heights between two points lie between them; at the ends on them", () => {
    expect(heightAt([0, 10, 20], 0.25, false)).toBe(5);
    expect(heightAt([0, 10, 20], 1, false)).toBe(20);
    expect(heightAt([0, 10, 20], 0.5, true)).toBe(10);
  });
  test("a histogram's outline reaches the top where most are", () => {
    expect(outline([1, 4], 8)).toBe("M0 8V6H50V0H100V8Z");
    expect(outline([0, 0], 8)).toBe("M0 8V8H50V8H100V8Z");
  });
  test("classes are columns of the sweep", () => {
    expect([...classOf(Float32Array.of(1, 2, 3, 4, 5, 6), 3, 1)]).toEqual([2, 5]);
  });
});

describe("roving over lines of buttons", () => {
  // Two full lines of four and one of two.
  const tops = [0, 0, 0, 0, 50, 50, 50, 50, 100, 100];
  test("left and right follow the reading order and stop at the ends", () => {
    expect(neighbour(tops, 3, [1, 0])).toBe(4);
    expect(neighbour(tops, 0, [-1, 0])).toBe(0);
    expect(neighbour(tops, 4, [Number.POSITIVE_INFINITY, 0])).toBe(9);
  });
  test("up and down keep the column where there is one", () => {
    expect(neighbour(tops, 1, [0, 1])).toBe(5);
    expect(neighbour(tops, 6, [0, -1])).toBe(2);
    expect(neighbour(tops, 7, [0, 1])).toBe(9);
    expect(neighbour(tops, 8, [0, 1])).toBe(8);
    expect(neighbour(tops, 2, [0, -1])).toBe(2);
  });
});
