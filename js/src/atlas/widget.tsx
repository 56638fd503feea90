/** Widgets that have an atlas: beside a live view, or alone. */
import type { ComponentType } from "preact";
import type { HostModel } from "../host.ts";
import { LiveSession } from "../live.ts";
import { mount, mountAlone } from "../mount.tsx";
import type { Session } from "../session.ts";
import { define } from "../widget.ts";
import { Alone } from "./alone.ts";
import { beside } from "./beside.ts";
import type { AtlasSession } from "./session.ts";

export type AtlasView = ComponentType<{ atlas: AtlasSession }>;
export type LiveAtlasView = ComponentType<{ atlas: AtlasSession; session: Session }>;

/** By `layout_kind`: what has a live model, with the name of its root, and what has none. */
export type AtlasViews = {
  live: Record<string, { name: string; view: (session: Session) => LiveAtlasView }>;
  alone: Record<string, { name: string; view: AtlasView }>;
};

/** The default export of an entry. */
export function defineAtlas({ live, alone }: AtlasViews) {
  const kindOf = (model: HostModel) => String(model.get("layout_kind"));
  return define<LiveSession | Alone>(
    (model, life) =>
      Object.hasOwn(alone, kindOf(model)) ? new Alone(model, life) : new LiveSession(model, life),
    (kept, el, life, model) => {
      const kind = kindOf(model);
      if (kept instanceof Alone) {
        const { name, view: View } = alone[kind]!;
        const atlas = kept.show(el, life);
        mountAlone(name, atlas.state, <View atlas={atlas} />, el, life);
        return;
      }
      const { name, view } = live[kind] ?? live.explorer!;
      const viewOf = (session: Session) => {
        const View = view(session);
        const atlas = beside(model, session, life);
        return () => <View atlas={atlas} session={session} />;
      };
      mount(kept, el, life, viewOf, name);
    },
  );
}
