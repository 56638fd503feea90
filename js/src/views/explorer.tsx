/** Everything about one input, linked: text, expectations, layers, units, lines. */
import { useMemo } from "preact/hooks";
import type { Session } from "../session.ts";
import { Editor } from "./editor/editor.tsx";
import { Guesses } from "./guesses.tsx";
import { Head } from "./head.tsx";
import { Heatmap } from "./heatmap.tsx";
import { Legend } from "./legend.tsx";
import { Overview } from "./overview.tsx";
import { createPlot, isLive } from "./plot.ts";
import { Tooltip } from "./tooltip.tsx";
import { Traces } from "./traces.tsx";
import { Units } from "./units.tsx";

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
        {plot.said.value}
      </div>
    </div>
  );
}
