/** Everything about one input, linked: text, expectations, layers, units, lines. */
import { useMemo } from "preact/hooks";
import { Guesses } from "../../panels/guesses/view.tsx";
import { Heatmap } from "../../panels/map/view.tsx";
import { Overview } from "../../panels/overview/view.tsx";
import { Traces } from "../../panels/traces/view.tsx";
import { Units } from "../../panels/units/view.tsx";
import { isLive, type Session } from "../../session/session.ts";
import { Head } from "../../ui/head.tsx";
import { Legend } from "../../ui/legend.tsx";
import { createPlot } from "../../ui/plot/plot.ts";
import { Tooltip } from "../../ui/plot/tooltip.tsx";
import { Editor } from "./editor/editor.tsx";

export function Explorer({ session }: { session: Session }) {
  const plot = useMemo(() => createPlot(session), [session]);
  return (
    <div class="nw-explorer">
      <Head session={session} />
      {!isLive(session) && session.frame.value !== null && (
        <p class="nw-notice">
          This is the last picture from before; nothing computes now. Run the notebook's cell again to bring
          it to life.
        </p>
      )}
      <div class="nw-body">
        <section class="nw-area-text" aria-label="Text">
          <div class="nw-section-head">
            <span class="nw-title">Text</span>
            {isLive(session) && <span class="nw-sub">type here: the model runs at every key</span>}
          </div>
          <Editor session={session} />
          <div class="nw-under">
            <Legend session={session} of="unit" />
          </div>
        </section>
        <aside class="nw-area-side" aria-label="At the token">
          <Guesses session={session} />
          <Units session={session} />
        </aside>
        <div class="nw-area-pictures">
          <Overview session={session} plot={plot} />
          <Heatmap session={session} plot={plot} />
          <Traces session={session} plot={plot} />
        </div>
      </div>
      <Tooltip session={session} plot={plot} />
      <div class="nw-said" data-nw="said" aria-live="polite">
        {plot.announcement.value}
      </div>
    </div>
  );
}
