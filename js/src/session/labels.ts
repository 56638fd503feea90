/** Names of units, and what tests said of them: read from traits, changed by a person. */
import type { UnitName } from "../wire/protocol.ts";
import type { Label, Labels, Mark, Names } from "../wire/traits.ts";

const NO_LABEL: Label = { words: "", mark: "untested", says: "" };

/** Saved notebooks may hold anything. */
export function readNames(value: unknown): Names {
  const entries = value !== null && typeof value === "object" ? Object.entries(value) : [];
  return Object.fromEntries(entries.filter(([, words]) => typeof words === "string"));
}

/** Names with their marks. What was said of other words than the present ones is left out. */
export function withMarks(names: Names, evidence: unknown): Labels {
  const told = (evidence ?? {}) as { [unit: UnitName]: unknown };
  return Object.fromEntries(
    Object.entries(names).map(([unit, words]) => {
      const [of, mark, says] = [told[unit]].flat() as [unknown, Mark, unknown];
      return [unit, of === words ? { words, mark, says: String(says) } : { ...NO_LABEL, words }];
    }),
  );
}

/** The same names with another one for a unit; "" takes its name away. */
export function withName(labels: Labels, unit: UnitName, words: string): Names {
  const { [unit]: _, ...others } = labels;
  const names = Object.fromEntries(Object.entries(others).map(([other, { words }]) => [other, words]));
  const name = words.trim().replace(/\s+/g, " ");
  return name === "" ? names : { ...names, [unit]: name };
}

/** A unit's label; without words where it has none. */
export const labelOf = (labels: Labels, unit: UnitName): Label => labels[unit] ?? NO_LABEL;
