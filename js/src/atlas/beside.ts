/** The atlas beside a live view: the unit is the view's, and what is used becomes its input. */
import { computed, effect, signal } from "@preact/signals";
import type { HostModel } from "../host.ts";
import type { Session } from "../session.ts";
import { readInfo } from "./info.ts";
import type { AtlasSession } from "./session.ts";
import { AtlasTalk } from "./talk.ts";

export function beside(model: HostModel, live: Session, life: AbortSignal): AtlasSession {
  const there = computed(() => live.state.value !== "no-kernel" && live.state.value !== "closed");
  const talk = new AtlasTalk(model, life, () => there.peek());
  let before = there.peek();
  const stop = effect(() => {
    if (there.value && !before) talk.again();
    before = there.value;
  });
  const info = signal(model.get("atlas_info"));
  const listen = () => {
    info.value = model.get("atlas_info");
  };
  model.on("change:atlas_info", listen);
  life.addEventListener("abort", () => {
    stop();
    model.off("change:atlas_info", listen);
  });
  return {
    info: computed(() => readInfo(info.value)),
    unit: live.unit,
    state: live.state,
    reason: live.reason,
    live,
    setUnit: (unit) => live.setUnit(unit),
    channel: (want) => talk.channel(want),
    end: (channel) => talk.end(channel),
    tell: () => false,
    trait: () => signal(undefined),
    keep: () => {},
  };
}
