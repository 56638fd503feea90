/** The atlas beside a live view: the unit is the view's, and what is used becomes its input. */
import { computed, effect } from "@preact/signals";
import { isLive, type Session } from "../../session/session.ts";
import type { HostModel } from "../../wire/host.ts";
import { readInfo } from "./info.ts";
import { AtlasTalk } from "./questions.ts";
import type { AtlasSession } from "./session.ts";
import { TraitBook } from "./traits.ts";

export function attachedSession(model: HostModel, live: Session, life: AbortSignal): AtlasSession {
  const there = computed(() => isLive(live));
  const talk = new AtlasTalk(model, life, () => there.peek());
  let before = there.peek();
  const stop = effect(() => {
    if (there.value && !before) talk.again();
    before = there.value;
  });
  life.addEventListener("abort", stop);
  const traits = new TraitBook(model, life, (message) => talk.post(message));
  const info = traits.trait("atlas_info");
  return {
    info: computed(() => readInfo(info.value)),
    unit: live.unit,
    state: live.state,
    reason: live.reason,
    live,
    setUnit: (unit) => live.setUnit(unit),
    channel: (want) => talk.channel(want),
    end: (channel) => talk.end(channel),
    tell: (changes) => traits.tell(changes),
    trait: (name) => traits.trait(name),
    keep: (part, written) => traits.keep(part, written),
    kept: (part) => traits.kept(part),
  };
}
