/** Units that changed most downstream of the edits, each by its own standard deviations. */

import { formatExact, signedValue } from "../../paint/scale.ts";
import { tokenGlyphs } from "../../paint/words.ts";
import { isLive, type Session } from "../../session/session.ts";
import { Bar } from "../../ui/bar.tsx";
import { Called, sayUnit } from "../../ui/naming/unit-name.tsx";
import { moveFocus } from "../../ui/roving-focus.ts";
import type { Frame } from "../../wire/frame.ts";
import { numberOf } from "../../wire/values.ts";
import type { ChangedUnit, EditsPart } from "./wire.ts";

const OVER: Record<EditsPart["over"], string> = {
  atlas: "in standard deviations of each over the data set",
  input: "in standard deviations of each over this input",
  site: "in standard deviations of the layer’s units on this input",
};

export function ChangedUnits({ session }: { session: Session }) {
  const frame = session.frame.value;
  const part = frame?.parts.edits;
  if (!frame || !part) return null;
  const sizes = part.changed.map(({ change }) => Math.abs(numberOf(change)));
  const most = Math.max(1e-9, ...sizes.filter(Number.isFinite));
  return (
    <section class="nw-changed" data-nw="changed" aria-label="Units that changed most downstream">
      <h4 class="nw-title">
        {frame.head.beside
          ? `Differ most from the other ${session.kind.words.input}`
          : "Changed most downstream"}
      </h4>
      <p class="nw-sub">{OVER[part.over]}</p>
      {part.changed.length === 0 && <p class="nw-empty">No other unit changed on this input.</p>}
      <ol class="nw-bars" onKeyDown={moveFocus}>
        {part.changed.map((unit, i) => (
          <Row
            key={i}
            session={session}
            frame={frame}
            unit={unit}
            share={Math.min(1, sizes[i]! / most)}
            tab={i === 0 ? 0 : -1}
          />
        ))}
      </ol>
    </section>
  );
}

type RowProps = { session: Session; frame: Frame; unit: ChangedUnit; share: number; tab: number };

function Row({ session, frame, unit: { unit, before, after, at, ...of }, share, tab }: RowProps) {
  const change = numberOf(of.change);
  const labels = session.labels.value;
  const values = `${formatExact(numberOf(before))} → ${formatExact(numberOf(after))}`;
  const where = frame.head.input.window ? ` at token ${at} “${tokenGlyphs(frame, at)}”` : "";
  return (
    <li class="nw-bar-row" data-unit={unit}>
      <button
        type="button"
        class="nw-unit-button"
        tabIndex={tab}
        disabled={!isLive(session)}
        title={`Follow ${sayUnit(labels, unit)}: ${values}${where}`}
        onClick={() => session.setUnit(unit)}
      >
        <span class="nw-mono nw-bar-name nw-cut-first">
          <Called labels={labels} unit={unit} />
        </span>
        <Bar share={share} colour={change < 0 ? "var(--nw-less)" : "var(--nw-more)"} />
        <span class="nw-number">
          {Number.isFinite(change) ? `${signedValue(change)} sd` : "was constant"}
        </span>
      </button>
    </li>
  );
}
