/** Everything about one text, linked: the text, expectations, layers, units, lines. */
import { useMemo } from "preact/hooks";
import { Guesses } from "../../panels/guesses/view.tsx";
import { Heatmap } from "../../panels/map/view.tsx";
import { Overview } from "../../panels/overview/view.tsx";
import { MorePanels } from "../../panels/registry.tsx";
import { Units } from "../../panels/top/view.tsx";
import { UnitLegend } from "../../panels/trace/legend.tsx";
import { Traces } from "../../panels/trace/view.tsx";
import { isLive, type Session } from "../../session/session.ts";
import { createPlot } from "../../ui/plot/plot.ts";
import { ExplorerFrame, Side } from "../explorer-frame.tsx";
import { Editor } from "./editor/editor.tsx";
import { TEXT_HELP } from "./help.ts";
import { Reading } from "./reading.tsx";

export function Explorer({ session }: { session: Session }) {
  const plot = useMemo(() => createPlot(session), [session]);
  return (
    <ExplorerFrame session={session} help={TEXT_HELP} over={<Reading session={session} plot={plot} />}>
      <section class="nw-area-text" aria-label="Text">
        <div class="nw-section-head">
          <span class="nw-title">Text</span>
          {isLive(session) && <span class="nw-sub">type here: the model runs at every key</span>}
        </div>
        <Editor session={session} />
        <div class="nw-under">
          <UnitLegend session={session} />
        </div>
      </section>
      <Side session={session} label="At the token">
        <Guesses session={session} />
        <Units session={session} />
      </Side>
      <div class="nw-area-pictures">
        <Overview session={session} plot={plot} />
        <Heatmap session={session} plot={plot} />
        <Traces session={session} plot={plot} />
        <MorePanels session={session} area="pictures" />
      </div>
    </ExplorerFrame>
  );
}
