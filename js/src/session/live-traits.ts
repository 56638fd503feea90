/** The traits of a live view, each in a shape that can be relied on. */
import { computed, type ReadonlySignal } from "@preact/signals";
import type { Input } from "../wire/inputs.ts";
import type { SyncedTraits } from "../wire/kernel/synced-traits.ts";
import type { Selection, ViewSettings } from "../wire/protocol.ts";
import { VIEW } from "../wire/shared.ts";
import type { Catalog, Labels, Traits } from "../wire/traits.ts";
import { readEdits } from "./edits/read-edits.ts";
import { readNames, withMarks } from "./labels.ts";

/** Those that a person and Python change. */
export type Key = "input" | "beside" | "site" | "unit" | "selection" | "pins" | "edits" | "view" | "labels";
export type LiveTraits = { readonly [K in Exclude<Key, "labels"> | "catalog"]: ReadonlySignal<Traits[K]> } & {
  readonly labels: ReadonlySignal<Labels>;
};

export const NO_SELECTION: Selection = { token: null, span: null };
const VIEW_SETTINGS = VIEW as ViewSettings;
const CATALOG: Catalog = {
  model: "",
  sites: [],
  context: 0,
  causal: false,
  guesses: false,
  measure: "activation",
};

/** `moved` hears what Python changes. */
export function liveTraits(
  traits: SyncedTraits,
  readInput: (value: unknown) => Input,
  moved: (key: Key) => void,
): LiveTraits {
  const follow = <K extends Key>(key: K, read: (value: unknown) => Traits[K]) =>
    traits.trait(key, read, () => moved(key));
  const names = follow("labels", readNames);
  const evidence = traits.trait("evidence");
  return {
    input: follow("input", readInput),
    beside: follow("beside", (value) => (value == null ? null : readInput(value))),
    site: follow("site", (value) => (typeof value === "string" ? value : "")),
    unit: follow("unit", (value) => (typeof value === "string" && value !== "" ? value : null)),
    selection: follow("selection", (value) => ({ ...NO_SELECTION, ...(value as object | null) })),
    pins: follow("pins", (value) =>
      Array.isArray(value) ? value.filter((item) => typeof item === "string") : [],
    ),
    edits: follow("edits", readEdits),
    view: follow("view", (value) => ({ ...VIEW_SETTINGS, ...(value as object | null) })),
    labels: computed(() => withMarks(names.value, evidence.value)),
    catalog: traits.trait("catalog", (value) => ({ ...CATALOG, ...(value as object | null) })),
  };
}
