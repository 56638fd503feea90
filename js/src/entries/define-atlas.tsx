/** Defines widgets that have an atlas: beside a live view, or alone. */
import { attachedSession } from "../atlas/session/attached-session.ts";
import { StandaloneSession } from "../atlas/session/standalone-session.ts";
import type { AtlasView, LiveAtlasView } from "../atlas/views/atlas-view.ts";
import { LiveSession } from "../session/live-session.ts";
import type { Session } from "../session/session.ts";
import type { HostModel } from "../wire/host.ts";
import { define } from "./define.ts";
import { mount, mountAlone } from "./mount.tsx";

/** By `layout_kind`: what has a live model, with the name of its root, and what has none. */
export type AtlasViews = {
  live: Record<string, { name: string; view: (session: Session) => LiveAtlasView }>;
  alone: Record<string, { name: string; view: AtlasView }>;
};

/** The default export of an entry. */
export function defineAtlas({ live, alone }: AtlasViews) {
  const kindOf = (model: HostModel) => String(model.get("layout_kind"));
  return define<LiveSession | StandaloneSession>(
    (model, life) =>
      Object.hasOwn(alone, kindOf(model)) ? new StandaloneSession(model, life) : new LiveSession(model, life),
    (shared, el, life) => {
      const kind = kindOf(shared.model);
      if (shared instanceof StandaloneSession) {
        const { name, view: View } = alone[kind]!;
        const atlas = shared.show(el, life);
        mountAlone(name, atlas.state, <View atlas={atlas} />, el, life);
        return;
      }
      const { name, view } = live[kind] ?? live.explorer!;
      const viewOf = (session: Session) => {
        const View = view(session);
        const atlas = attachedSession(shared, session, life);
        return () => <View atlas={atlas} session={session} />;
      };
      mount(shared, el, life, viewOf, name);
    },
  );
}
