/** How exemplars are shown and which are picked: traits of a grid, the page's own in an Explorer. */
import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { CONTEXTS, type Context } from "./cut.ts";
import { GROUPS, type Group } from "./protocol.ts";
import type { AtlasSession } from "./session.ts";

export type Shown = { group: Group; context: Context };

export type Shelf = {
  readonly shown: ReadonlySignal<Shown>;
  /** Keys. */
  readonly picked: ReadonlySignal<readonly number[]>;
  /** Can exemplars be picked? Only where Python can have them. */
  readonly picks: boolean;
  setShown(patch: Partial<Shown>): void;
  setPicked(keys: readonly number[]): void;
  close(): void;
};

export function createShelf(atlas: AtlasSession): Shelf {
  if (atlas.live) return ownShelf();
  const shown = atlas.trait("shown");
  const picked = atlas.trait("picked");
  const read = computed(() => readShown(shown.value));
  let unit = atlas.unit.peek();
  // What was picked was picked of one unit; Python forgets it by itself, too.
  const stop = effect(() => {
    if (atlas.unit.value === unit) return;
    unit = atlas.unit.value;
    if (readPicked(picked.peek()).length > 0) atlas.tell({ picked: [] });
  });
  return {
    shown: read,
    picked: computed(() => readPicked(picked.value)),
    picks: true,
    setShown: (patch) => void atlas.tell({ shown: { ...read.peek(), ...patch } }),
    setPicked: (keys) => void atlas.tell({ picked: [...keys] }),
    close: stop,
  };
}

function ownShelf(): Shelf {
  const shown = signal<Shown>({ group: "top", context: "full" });
  return {
    shown,
    picked: signal([]),
    picks: false,
    setShown: (patch) => {
      shown.value = { ...shown.peek(), ...patch };
    },
    setPicked: () => {},
    close: () => {},
  };
}

function readShown(value: unknown): Shown {
  const { group, context } = (value ?? {}) as Partial<Shown>;
  return {
    group: GROUPS.find((one) => one === group) ?? "top",
    context: CONTEXTS.find((one) => one === context) ?? "full",
  };
}

const readPicked = (value: unknown): number[] =>
  Array.isArray(value) ? value.filter((key) => Number.isSafeInteger(key)) : [];
