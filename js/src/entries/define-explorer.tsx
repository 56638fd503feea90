/** Defines Explorers, which may have an atlas at their side, and the views of an atlas alone. */
import { ExemplarGrid } from "../atlas/exemplars/grid.tsx";
import { attachedSession } from "../atlas/session/attached-session.ts";
import { StandaloneSession } from "../atlas/session/standalone-session.ts";
import type { AtlasView } from "../atlas/views/atlas-view.ts";
import { withCard, withSide } from "../atlas/views/explorer-side.tsx";
import { FinderAlone } from "../atlas/views/finder-alone.tsx";
import { type Kind, kindOf, registerKind, TABLES } from "../kinds/registry.ts";
import { AllStudies, StudyContext } from "../panels/studies/study.ts";
import { LiveSession } from "../session/live-session.ts";
import type { Session } from "../session/session.ts";
import { define } from "./define.ts";
import { mount, mountAlone } from "./mount.tsx";
import { hideStandIn } from "./stand-in.ts";

/** What has no live model, by `layout_kind`, with the name of its root. */
const ALONE: Record<string, { name: string; view: AtlasView }> = {
  exemplars: { name: "exemplar-grid", view: ExemplarGrid },
  finder: { name: "unit-finder", view: FinderAlone },
};

/** The default export of an entry. */
export function defineExplorer(kinds: readonly Kind[]) {
  registerKind(...kinds);
  return define<LiveSession | StandaloneSession>(
    (model, life) =>
      Object.hasOwn(ALONE, String(model.get("layout_kind")))
        ? new StandaloneSession(model, life)
        : new LiveSession(model, life, TABLES),
    (shared, el, life) => {
      const layout = String(shared.model.get("layout_kind"));
      if (shared instanceof StandaloneSession) {
        const { name, view: View } = ALONE[layout]!;
        const atlas = shared.show(el, life);
        hideStandIn(shared.model, shared.blank, life);
        mountAlone(name, atlas.state, <View atlas={atlas} />, el, life);
        return;
      }
      const isCard = layout === "card";
      const viewOf = (session: Session) => {
        const { card, layouts } = kindOf(session.kind.name).live!;
        const View = isCard ? withCard(card) : withSide(layouts.explorer!);
        const atlas = attachedSession(shared, session, life);
        const studies = new AllStudies(shared.connection, life);
        return () => (
          <StudyContext.Provider value={studies}>
            <View atlas={atlas} session={session} />
          </StudyContext.Provider>
        );
      };
      mount(shared, el, life, viewOf, isCard ? "unit-card" : "explorer");
    },
  );
}
