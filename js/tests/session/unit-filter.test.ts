/** The page and Python read a filter of units alike: both are given the cases of one file. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parseUnits } from "../../src/session/unit-filter.ts";

type Case = { filter: string; width: number; units: number[] | null; problem: string | null };
const path = join(import.meta.dirname, "../../../tests/golden/shared/unit-filters.json");
const cases = JSON.parse(readFileSync(path, "utf8")) as Case[];

it.each(cases)("$filter of $width units", ({ filter, width, units, problem }) => {
  const read = parseUnits(filter, width);
  expect(read.units).toEqual(units);
  expect(read.problem).toContain(problem ?? "");
  expect(read.problem === "").toBe(problem === null);
});
