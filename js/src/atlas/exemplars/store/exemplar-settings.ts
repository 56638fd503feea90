/** Settings of exemplars: how they are shown, and which are picked. */
import { computed, effect, type ReadonlySignal } from "@preact/signals";
import type { UnitName } from "../../../wire/protocol.ts";
import { CONTEXTS, type Context, GROUPS, type Group } from "../../../wire/shared.ts";
import type { AtlasSession } from "../../session/session.ts";

type ExemplarView = { group: Group; context: Context };

export type ExemplarSettings = {
  readonly shown: ReadonlySignal<ExemplarView>;
  /** Keys. */
  readonly picked: ReadonlySignal<readonly number[]>;
  setShown(patch: Partial<ExemplarView>): void;
  /** Picks exemplars of a unit, which must be the present one: its list may still be on its way. */
  setPicked(unit: UnitName, keys: readonly number[]): void;
  close(): void;
};

export function createExemplarSettings(atlas: AtlasSession): ExemplarSettings {
  const shown = atlas.trait("shown");
  const picked = atlas.trait("picked");
  const read = computed(() => readView(shown.value));
  let unit = atlas.unit.peek();
  // What was picked was picked of one unit; Python forgets it by itself, too.
  const stop = effect(() => {
    if (atlas.unit.value === unit) return;
    unit = atlas.unit.value;
    if (readPicked(picked.peek()).length > 0) atlas.tell({ unit, picked: [] });
  });
  return {
    shown: read,
    picked: computed(() => readPicked(picked.value)),
    setShown: (patch) => atlas.tell({ shown: { ...read.peek(), ...patch } }),
    setPicked: (of, keys) => {
      // With the unit, because Python may not have heard of it yet.
      if (of === atlas.unit.peek()) atlas.tell({ unit: of, picked: [...keys] });
    },
    close: stop,
  };
}

function readView(value: unknown): ExemplarView {
  const { group, context } = (value ?? {}) as Partial<ExemplarView>;
  return {
    group: GROUPS.find((one) => one === group) ?? "top",
    context: CONTEXTS.find((one) => one === context) ?? "full",
  };
}

const readPicked = (value: unknown): number[] =>
  Array.isArray(value) ? value.filter((key) => Number.isSafeInteger(key)) : [];
