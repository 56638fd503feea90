import { expect, it } from "vitest";
import { ALL_PANELS } from "../../fakes/panels.ts";
import { NeedBook } from "../../src/session/needs.ts";

const map = { rows: null, cols: null, height: 100, width: 200 };
const [one, two] = [Symbol("one"), Symbol("two")];

it("the union has room for the largest view and looks where the last one was touched", () => {
  const book = new NeedBook(ALL_PANELS);
  book.set(one, "map", { ...map, height: 300, rows: [0, 10] });
  book.set(two, "map", { ...map, width: 900 });
  book.set(one, "guesses", { most: 5 });
  book.set(two, "top", { most: 20 });
  expect(book.union()).toEqual({
    map: { rows: null, cols: null, height: 300, width: 900 },
    guesses: { most: 5 },
    top: { most: 20 },
  });
  book.set(one, "map", { ...map, rows: [5, 10] });
  expect(book.union().map?.rows).toEqual([5, 10]);
});

it("what is needed already is no news, and what is withdrawn is gone", () => {
  const book = new NeedBook(ALL_PANELS);
  expect(book.set(one, "map", map)).toBe(true);
  expect(book.set(one, "map", { ...map })).toBe(false);
  expect(book.set(one, "map", null)).toBe(true);
  book.set(one, "overview", { width: 10 });
  book.drop(one);
  expect(book.union()).toEqual({});
});
