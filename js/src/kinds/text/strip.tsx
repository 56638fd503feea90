/** The editor alone, with its state and the legend of its colours. */

import { formatValue, gradientOf, legendTicks } from "../../paint/scale.ts";
import { dark } from "../../paint/theme.ts";
import { unitScale } from "../../panels/trace/wire.ts";
import type { Session } from "../../session/session.ts";
import { EditedPill } from "../../ui/edited/pill.tsx";
import { Called, sayUnit } from "../../ui/naming/unit-name.tsx";
import { Status } from "../../ui/status.tsx";
import { Editor } from "./editor/editor.tsx";

export function TokenStripView({ session }: { session: Session }) {
  return (
    <div class="nw-strip-view">
      <div class="nw-strip-head">
        <Status session={session} />
        <EditedPill session={session} />
        <StripLegend session={session} />
      </div>
      <Editor session={session} />
    </div>
  );
}

function StripLegend({ session }: { session: Session }) {
  const frame = session.frame.value;
  const scale = frame && unitScale(frame);
  const unit = frame?.head.unit;
  if (!scale || !unit) return <div class="nw-strip-legend" />;
  const words = `${sayUnit(session.labels.value, unit)}, ${session.catalog.value.measure}: ${formatValue(scale.lo)} to ${formatValue(scale.hi)}`;
  return (
    <div class="nw-strip-legend" data-nw="legend" role="img" aria-label={`Colour scale of ${words}`}>
      <span class="nw-mono">
        <Called labels={session.labels.value} unit={unit} />
      </span>{" "}
      <span class="nw-soft">{session.catalog.value.measure}</span>
      <span class="nw-strip-ends">
        {legendTicks({ ...scale }, 2).map(({ label }, i) => (
          <span key={i === 0 ? "low" : "high"}>
            {label}
            {i === 0 && <span class="nw-strip-bar" style={{ background: gradientOf(scale, dark.value) }} />}
          </span>
        ))}
      </span>
      {scale.mode === "log" && <span class="nw-soft">logarithmic</span>}
    </div>
  );
}
