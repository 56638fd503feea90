/** What anywidget calls, for widgets that have an atlas: beside a live view, or alone. */
import type { ComponentType } from "preact";
import type { HostModel } from "../host.ts";
import { LiveSession } from "../live.ts";
import { mount, mountAlone } from "../mount.tsx";
import type { Session } from "../session.ts";
import { type Args, lifetime } from "../widget.ts";
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
export function defineAtlas(views: AtlasViews) {
  type Kept = LiveSession | Alone;
  const sessions = new WeakMap<HostModel, Kept>();
  return () => {
    let latest: Kept | undefined;
    const kindOf = (model: HostModel) => String(model.get("layout_kind"));
    const open = (model: HostModel, signal: AbortSignal) => {
      const isAlone = Object.hasOwn(views.alone, kindOf(model));
      latest = isAlone ? new Alone(model, signal) : new LiveSession(model, signal);
      sessions.set(model, latest);
      return latest;
    };
    return {
      // Nothing here may wait for the kernel: anywidget holds all messages back until it returns.
      initialize({ model, signal }: Args): () => void {
        const life = lifetime(signal);
        open(model, life.signal);
        return () => life.abort();
      },
      render({ model, el, signal }: Args & { el: HTMLElement }): () => void {
        const life = lifetime(signal);
        const kept = sessions.get(model) ?? latest ?? open(model, life.signal);
        const kind = kindOf(model);
        if (kept instanceof Alone) {
          const { name, view: View } = views.alone[kind]!;
          const atlas = kept.show(el, life.signal);
          mountAlone(name, atlas.state, <View atlas={atlas} />, el, life.signal);
        } else {
          const { name, view } = views.live[kind] ?? views.live.explorer!;
          const viewOf = (session: Session) => {
            const View = view(session);
            const atlas = beside(model, session, life.signal);
            return () => <View atlas={atlas} session={session} />;
          };
          mount(kept, el, life.signal, viewOf, name);
        }
        return () => life.abort();
      },
    };
  };
}
