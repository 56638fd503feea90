/** Words for groups, strata, values and empty lists of exemplars. */

import type { Listing } from "../../../kinds/exemplars.ts";
import { kindOf } from "../../../kinds/registry.ts";
import { formatExact, formatValue } from "../../../paint/scale.ts";
import { plural } from "../../../paint/words.ts";
import type { Stratum } from "../../../wire/atlas-protocol.ts";
import type { Group } from "../../../wire/shared.ts";
import { numberOf, type Value } from "../../../wire/values.ts";

export const GROUP_WORDS: Record<Group, [name: string, hint: string]> = {
  top: ["Top", "The inputs with the largest values"],
  intervals: ["Intervals", "Inputs at random from five intervals of equal width of the values"],
  quantiles: ["Quantiles", "A random sample of inputs, in five fifths by their value: the middle of each"],
  bottom: ["Bottom", "The inputs with the smallest values, where they are below zero"],
};

/** Three digits in the list; all of them for who points at it. */
export const sayValue = (value: Value): string => formatValue(numberOf(value));
export const sayExactly = (value: Value): string => formatExact(numberOf(value));

/** `Interval 5 of 5: 4.21 to 5.24`. `of`: how many there are; imported atlases have other numbers. */
export function sayStratum(group: Group, { stratum, low, high, count }: Stratum, of = 5): string {
  const ends = `${formatValue(low)} to ${formatValue(high)}`;
  const end = stratum === of - 1 ? " (highest)" : stratum === 0 ? " (lowest)" : "";
  if (group === "intervals")
    return `Interval ${stratum + 1} of ${of}${end}: ${ends}${count === 0 ? ", no document kept" : ""}`;
  return `Fifth ${stratum + 1} of 5${end}: those in its middle have ${ends}`;
}

/** Why there is nothing to see, or what to know of what there is; null: nothing to say. */
export function sayState({ state, seen, unit, input }: Listing): string | null {
  const amount = `${seen.toLocaleString("en")} ${kindOf(input).words.things}`;
  if (state === "dead") return `${unit} is dead: its activation was zero on all ${amount} of the data set.`;
  if (state === "not seen") {
    return seen === 0
      ? `${unit} was never computed: the data set has nothing for it.`
      : `${unit} did not fire on any of the ${amount}: too few to call it dead.`;
  }
  return null;
}

/** Sentence about a group without exemplars. */
export function sayNone({ group, groups, unit, missing }: Listing): string {
  if (missing) return missing;
  if (group === "bottom") return `${unit} is never below zero in this data set.`;
  const others = (Object.keys(groups) as Group[]).filter((other) => groups[other] > 0);
  const names = others.map((other) => `${GROUP_WORDS[other][0]} (${groups[other]})`).join(", ");
  return names === ""
    ? `The atlas kept no exemplars of ${unit}.`
    : `No exemplars here; there are some in ${names}.`;
}

export function sayCopies(copies: number): string {
  if (copies === 1) return "";
  return copies === 0 ? "×?" : `×${copies.toLocaleString("en")}`;
}

export const sayCopiesAtLength = (copies: number): string =>
  copies === 0
    ? "It is not known in how many documents the same stands."
    : `The same stands in ${plural(copies, "document")}.`;
