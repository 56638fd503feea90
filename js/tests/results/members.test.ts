/** Inputs of an answer: each gets its own part of the arrays. */
import { expect, it } from "vitest";
import { shownOf } from "../../src/results/members/shown.ts";
import type { InputRow } from "../../src/wire/results/shown.ts";

const row = (document: number, more: Partial<InputRow> = {}): InputRow => ({
  document,
  name: `input ${document}`,
  label: null,
  prediction: null,
  ...more,
});
const answer = (name: string, data: Uint8Array | Float32Array, shape: number[]) => ({
  input: "image",
  unit: null,
  scale: null,
  columns: [],
  data: new Map([[name, data]]),
  shapes: new Map([[name, shape]]),
});

it("gives no picture to an input that was not kept, and those behind it their own", () => {
  const images = answer(
    "images",
    Uint8Array.from({ length: 6 }, (_, i) => i),
    [2, 1, 1, 3],
  );
  const shown = shownOf(images, [row(1), row(2, { missing: true }), row(3)]);
  expect(shown.map(({ image }) => image && [...image.rgb])).toEqual([[0, 1, 2], null, [3, 4, 5]]);
});

it("shades each text by its own values", () => {
  const shades = answer("shades", Float32Array.of(1, 2, 3), [3]);
  const shown = shownOf(shades, [
    row(1, { pieces: ["a"] }),
    row(2, { missing: true }),
    row(3, { pieces: ["b", "c"] }),
  ]);
  expect(shown.map((one) => [...one.shades])).toEqual([[1], [], [2, 3]]);
});
