/** The entry of views of results: patterns of inputs with a live model or without, groups of units, comparisons. */

// Sheets overrule each other in this order: it must not follow from how imports are sorted.
import "../kinds/text/editor/editor.css";
import "../kinds/text/strip.css";
import "../ui/styles.css";
import "../ui/status.css";
import "../ui/layout.css";
import "../ui/naming/naming.css";
import "../ui/screen/screen.css";
import "../ui/plot/pictures.css";
import "../ui/plot/tokens.css";
import "../ui/edited/pill.css";
import "../panels/panels.css";
import "../panels/pattern/pattern.css";
import "../kinds/inputs.css";
import "../kinds/table/table.css";
import "../results/results.css";
import "../results/members/members.css";
import "../results/units/units.css";
import "../results/patterns/patterns.css";
import "../results/groups/groups.css";
import "../results/comparison/comparison.css";
import "../atlas/card/histogram.css";
import "../results/health/health.css";
import "../results/blind/blind.css";
import "../results/localise/localise.css";
import "../results/shortcuts/shortcuts.css";

import type { ComponentType } from "preact";
import { attachedSession } from "../atlas/session/attached-session.ts";
import type { AtlasSession } from "../atlas/session/session.ts";
import { StandaloneSession } from "../atlas/session/standalone-session.ts";
import { kindOf, TABLES } from "../kinds/registry.ts";
import { PATTERN_WIRE } from "../panels/pattern/wire.ts";
import { registerWires } from "../panels/registry.tsx";
import { BlindTest } from "../results/blind/view.tsx";
import { Comparison } from "../results/comparison/view.tsx";
import { Groups } from "../results/groups/view.tsx";
import { Health } from "../results/health/view.tsx";
import { Localise } from "../results/localise/view.tsx";
import "../results/members/editors.tsx";
import "../results/members/faces.tsx";
import { Patterns } from "../results/patterns/view.tsx";
import { Shortcuts } from "../results/shortcuts/view.tsx";
import { LiveSession } from "../session/live-session.ts";
import { define } from "./define.ts";
import { mount, mountAlone } from "./mount.tsx";
import { hideStandIn } from "./stand-in.ts";

registerWires([PATTERN_WIRE]);

/** Views without an editor, by the `layout_kind` of the widget, which their roots are called by too. */
const VIEWS: Record<string, ComponentType<{ of: AtlasSession }>> = {
  patterns: Patterns,
  groups: Groups,
  comparison: Comparison,
  health: Health,
  shortcuts: Shortcuts,
  localised: Localise,
  blind: BlindTest,
};

export default define<LiveSession | StandaloneSession>(
  (model, life) =>
    model.get("catalog") ? new LiveSession(model, life, TABLES) : new StandaloneSession(model, life),
  (shared, el, life) => {
    if (shared instanceof LiveSession) {
      mount(
        shared,
        el,
        life,
        (session) => {
          const of = attachedSession(shared, session, life);
          const input = kindOf(session.kind.name).live!.card.view;
          return () => <Patterns of={of} input={input} />;
        },
        "patterns",
      );
      return;
    }
    const of = shared.show(el, life);
    hideStandIn(shared.model, shared.blank, life);
    const layout = String(shared.model.get("layout_kind"));
    const View = VIEWS[layout] ?? Patterns;
    mountAlone(layout, of.state, <View of={of} />, el, life);
  },
);
