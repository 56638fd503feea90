/** Panel of patterns: in which group of inputs the present one falls, and those most like it. */
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { dark } from "../../paint/theme.ts";
import { percent } from "../../paint/words.ts";
import { isLive, type Session } from "../../session/session.ts";
import { useNeed } from "../../ui/need.ts";
import type { LayerInfo, PatternsInfo } from "../../wire/results/patterns.ts";
import { OrProblem } from "../panel-problem.tsx";
import { paintPoints, placeOf, pointsOf } from "./points.ts";
import { PATTERN_WIRE, type Place } from "./wire.ts";
import "./pattern.css";

const SIZE = { width: 260, height: 180, radius: 2.2 };

function PatternPanel({ session }: { session: Session }) {
  const info = session.trait("patterns_info").value as PatternsInfo | null | undefined;
  useNeed(session, "pattern", info ? { nearest: 4 } : null);
  const layer = info?.layers[0];
  if (!layer) return null;
  const place = session.frame.value?.parts.pattern?.places[0] ?? null;
  return (
    <section
      class="nw-panel nw-pattern"
      data-nw="pattern"
      aria-label="Which inputs are treated like this one?"
    >
      <h3 class="nw-title">Which inputs are treated like this one?</h3>
      <p class="nw-sub">
        in <span class="nw-mono">{layer.site}</span>, among {info.inputs.toLocaleString("en")}
      </p>
      <OrProblem session={session} of="pattern">
        <SmallMap layer={layer} place={place} />
        {place && <p class="nw-pattern-says">{sayPlace(layer, place)}</p>}
        {place?.nearest.map(([document, name]) => (
          <button
            key={document}
            type="button"
            class="nw-link"
            data-nw="open-member"
            disabled={!isLive(session)}
            title="Put this input in the editor"
            onClick={() => session.tell({ member: document })}
          >
            {nameOf(name)}
          </button>
        ))}
      </OrProblem>
    </section>
  );
}

/** What an input is called: where it has only a number, that says of what. */
export const nameOf = (name: string): string => (/^\d+$/.test(name) ? `input ${name}` : name);

/** Where the present input is, in a sentence. */
export function sayPlace({ patterns }: LayerInfo, { pattern, membership }: Place): string {
  if (pattern < 0) return "This input is in no pattern. Nearest to it:";
  const stability = patterns.find((row) => row.pattern === pattern)?.stability ?? null;
  const steady = stability === null ? "" : `, stability ${stability.toFixed(2)}`;
  return `Pattern ${pattern} (membership ${percent(membership)}${steady}). Nearest to it:`;
}

function SmallMap({ layer, place }: { layer: LayerInfo; place: Place | null }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const points = useMemo(() => pointsOf(layer), [layer]);
  useLayoutEffect(() => {
    const pen = canvas.current?.getContext("2d");
    if (!pen) return;
    pen.setTransform(2, 0, 0, 2, 0, 0);
    const at = place && placeOf(layer, place.x, place.y);
    const own = place && place.pattern >= 0 ? place.pattern : null;
    paintPoints(pen, points, SIZE, dark.value, at, (i) => own === null || points.pattern[i] === own);
  });
  return (
    <canvas
      ref={canvas}
      width={2 * SIZE.width}
      height={2 * SIZE.height}
      role="img"
      aria-label={`Map of inputs: ${layer.patterns.length} patterns, ${layer.none} inputs in none. ${layer.map}`}
    />
  );
}

export const PATTERN = { wire: PATTERN_WIRE, view: PatternPanel, area: "side" } as const;
