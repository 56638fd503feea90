/** Actions on a unit: in the live view around it, or in the Explorer that a view of a result is linked with. */
import { computed, type ReadonlySignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { Session } from "../../session/session.ts";
import type { EditSetting } from "../../wire/edits.ts";
import type { UnitName } from "../../wire/protocol.ts";
import type { AtlasSession } from "./session.ts";

export type Linked = Pick<Session, "pins" | "edits" | "state" | "togglePin" | "setEdits">;

/** null where there is no view of a live model. */
export function useLinked(of: AtlasSession): Linked | null {
  const linked = useMemo(() => linkedOf(of), [of]);
  return of.live || of.trait("linked").value === true ? linked : null;
}

function linkedOf(of: AtlasSession): Linked {
  if (of.live) return of.live;
  const [pins, edits] = [listed<UnitName>(of, "pins"), listed<EditSetting>(of, "edits")];
  return {
    pins,
    edits,
    state: of.state,
    togglePin: (unit) => {
      const before = pins.peek();
      of.tell({ pins: before.includes(unit) ? before.filter((one) => one !== unit) : [...before, unit] });
    },
    setEdits: (to) => of.tell({ edits: to }),
  };
}

/** A trait that holds a list; saved notebooks may hold anything. */
function listed<T>(of: AtlasSession, name: string): ReadonlySignal<T[]> {
  const trait = of.trait(name);
  return computed(() => (Array.isArray(trait.value) ? trait.value : []));
}
