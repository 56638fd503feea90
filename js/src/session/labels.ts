/** Names of units: read from the trait, changed by a person. What stands in brackets at the end is evidence. */
import type { UnitName } from "../wire/protocol.ts";
import type { Labels } from "../wire/traits.ts";

/** Saved notebooks may hold anything. */
export function readLabels(value: unknown): Labels {
  const entries = value !== null && typeof value === "object" ? Object.entries(value) : [];
  return Object.fromEntries(entries.filter(([, words]) => typeof words === "string"));
}

/** The same with another name for a unit; "" takes its name away. */
export function withName(labels: Labels, unit: UnitName, words: string): Labels {
  const { [unit]: _, ...others } = labels;
  const name = words.trim().replace(/\s+/g, " ");
  return name === "" ? others : { ...others, [unit]: name };
}

/** A unit's name and the evidence for it, both "" where there is none; lists show the name alone. */
export function nameOf(labels: Labels, unit: UnitName): [name: string, evidence: string] {
  const words = labels[unit] ?? "";
  const [, name, evidence] = /^(.*\S)\s+(\([^()]*\))$/.exec(words) ?? ["", words, ""];
  return [name!, evidence!];
}
