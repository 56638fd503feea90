/** The heatmap as a widget of its own, with the lines of chosen units below it. */
import { useMemo } from "preact/hooks";
import { formatExact } from "../../paint/scale.ts";
import { tokenGlyphs } from "../../paint/words.ts";
import { Heatmap } from "../../panels/map/view.tsx";
import { exactValue } from "../../panels/top/exact-value.ts";
import { Traces } from "../../panels/trace/view.tsx";
import type { Session } from "../../session/session.ts";
import { Head } from "../../ui/head.tsx";
import { createPlot, type Plot } from "../../ui/plot/plot.ts";
import { TEXT_HELP } from "./help.ts";
import { Reading } from "./reading.tsx";

/** The selected unit's exact value at the token. */
function ChosenUnit({ session, plot }: { session: Session; plot: Plot }) {
  const unit = session.unit.value;
  const frame = session.frame.value;
  const token = plot.token.value;
  if (unit === null) return <p class="nw-chosen-unit" />;
  const value = frame && token !== null ? exactValue(frame, unit, token) : null;
  return (
    <p class="nw-chosen-unit">
      <span class="nw-mono nw-strong">{unit}</span>
      {frame && token !== null && value !== null && (
        <>
          {" "}
          at token {token} <span class="nw-mono nw-token">{tokenGlyphs(frame, token)}</span>:{" "}
          <span class="nw-strong">{formatExact(value)}</span>
        </>
      )}
    </p>
  );
}

export function HeatmapView({ session }: { session: Session }) {
  const plot = useMemo(() => createPlot(session), [session]);
  return (
    <div class="nw-explorer nw-alone">
      <Head session={session} help={TEXT_HELP} />
      <Heatmap session={session} plot={plot} fixed={360} />
      <ChosenUnit session={session} plot={plot} />
      <Traces session={session} plot={plot} />
      <Reading session={session} plot={plot} />
    </div>
  );
}
