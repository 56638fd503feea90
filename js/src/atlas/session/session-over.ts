/** Makes the session of an atlas from a widget's connection and traits, alone or beside a live view. */
import { computed, type Signal } from "@preact/signals";
import { readNames, withMarks } from "../../session/labels.ts";
import type { Connection } from "../../wire/kernel/connection.ts";
import type { HostModel } from "../../wire/kernel/host.ts";
import type { SyncedTraits } from "../../wire/kernel/synced-traits.ts";
import { VERSION } from "../../wire/shared.ts";
import { readInfo } from "./info.ts";
import { AtlasQuestions } from "./questions.ts";
import { keepPart, keptPart } from "./saved.ts";
import type { AtlasSession } from "./session.ts";

export type Widget = {
  readonly model: HostModel;
  readonly connection: Connection;
  readonly traits: SyncedTraits;
};

/** What is another alone than beside a live view. */
export type Own = Pick<AtlasSession, "unit" | "state" | "reason" | "live"> &
  Partial<Pick<AtlasSession, "setUnit">>;

export function sessionOver(
  { model, connection, traits }: Widget,
  life: AbortSignal,
  own: Own,
  late?: Signal<boolean>,
): AtlasSession {
  const questions = new AtlasQuestions(connection, life, late);
  const tell: AtlasSession["tell"] = (changes) => {
    const applied = traits.apply(changes);
    if (applied) connection.send({ v: VERSION, kind: "set", changes: applied });
  };
  const given = traits.trait("atlas_info");
  const names = traits.trait("labels", readNames);
  const evidence = traits.trait("evidence");
  return {
    setUnit: (unit) => tell({ unit }),
    setLabels: (labels) => tell({ labels }),
    labels: computed(() => withMarks(names.value, evidence.value)),
    ...own,
    given: computed(() => given.value != null),
    info: computed(() => readInfo(given.value)),
    channel: (want) => questions.channel(want),
    end: (channel) => questions.end(channel),
    tell,
    trait: (name) => traits.trait(name),
    keep: (part, written) => keepPart(model, part, written),
    kept: (part) => keptPart(model, part),
  };
}
