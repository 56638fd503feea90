/** Keeps parts of what an atlas' views show as strings: a saved notebook shows them when no kernel answers. */
import type { HostModel } from "../../wire/kernel/host.ts";

/** What is kept, each by itself. */
export const PARTS = ["exemplars", "card", "found", "asked"] as const;
export type Part = (typeof PARTS)[number];

/** The most characters that are kept of a part; a notebook should not grow by megabytes. */
export const LIMIT = 300_000;
export const VERSION = 1;

/** null for what is nothing that can be shown: of another version, or tampered with. The page starts empty then. */
export function readPart<T extends { version: number }, R>(
  stored: unknown,
  then: (part: T) => R | null,
): R | null {
  if (typeof stored !== "string" || stored === "" || stored.length > 2 * LIMIT) return null;
  try {
    const part = JSON.parse(stored) as T;
    return part.version === VERSION ? then(part) : null;
  } catch {
    return null;
  }
}

/** The trait of what is kept; it never travels to the kernel. */
const TRAIT = "atlas_snapshot";

const partsOf = (model: HostModel) => model.get(TRAIT) as Partial<Record<Part, unknown>> | undefined;

export function keepPart(model: HostModel, part: Part, written: string): void {
  model.set(TRAIT, { ...partsOf(model), [part]: written });
}

export const keptPart = (model: HostModel, part: Part): unknown => partsOf(model)?.[part];
