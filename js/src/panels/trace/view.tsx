/** Panel of traces: the chosen unit and the pinned ones as lines over the tokens. Do they work together? */

import { clampRange, itemAt, type Range } from "../../paint/region.ts";
import { formatExact, formatValue, hueOf } from "../../paint/scale.ts";
import { dark } from "../../paint/theme.ts";
import { heightOf, ownScale, togetherness, tracePath } from "../../paint/trace.ts";
import { isLive, type Session } from "../../session/session.ts";
import { Called, sayUnit } from "../../ui/naming/unit-name.tsx";
import { PinButton } from "../../ui/pin.tsx";
import { TokenMarks } from "../../ui/plot/axes.tsx";
import type { Plot } from "../../ui/plot/plot.ts";
import type { Frame } from "../../wire/frame.ts";
import type { Scale, UnitName } from "../../wire/protocol.ts";
import { textWindow, tokenCount } from "../../wire/tokens.ts";
import { traceOf, valuesBefore } from "./wire.ts";

const HEIGHT = 38;

export function Traces({ session, plot }: { session: Session; plot: Plot }) {
  const frame = session.frame.value;
  const unit = session.unit.value;
  const pins = session.pins.value;
  const rows = unit !== null && !pins.includes(unit) ? [unit, ...pins] : pins;
  return (
    <section
      class="nw-section nw-traces"
      data-nw="traces"
      aria-label="Traces of chosen units over the tokens"
    >
      <div class="nw-section-head">
        <span class="nw-title">Units followed over the text</span>
        <span class="nw-sub">
          {pins.length > 0 && unit !== null
            ? `at the right: the value at the token, and r, its correlation with ${unit}`
            : "at the right: the value at the token"}
        </span>
      </div>
      {rows.map((name) => (
        <TraceRow key={name} session={session} plot={plot} frame={frame} unit={name} />
      ))}
      {unit === null && rows.length === 0 && (
        <p class="nw-empty">Click a cell or a row number to follow one unit over the text.</p>
      )}
      {pins.length === 0 && unit !== null && (
        <p class="nw-empty">
          Pin this unit and click others: their lines stack up here, so you can see which act together.
        </p>
      )}
    </section>
  );
}

type TraceRowProps = { session: Session; plot: Plot; frame: Frame | null; unit: UnitName };

function TraceRow({ session, plot, frame, unit }: TraceRowProps) {
  const chosen = session.unit.value;
  const labels = session.labels.value;
  const says = sayUnit(labels, unit);
  const place = session.pins.value.indexOf(unit);
  const hue = place >= 0 ? hueOf(place, dark.value) : "var(--nw-ink)";
  const values = frame && traceOf(frame, unit);
  const before = frame && valuesBefore(frame, unit);
  const trace = values && { ...values, before, scale: ownScale(both(values.values, before), values.scale) };
  const seen = frame && clampRange(plot.cols.value, tokenCount(frame));
  const other = frame && chosen !== null && chosen !== unit ? traceOf(frame, chosen) : null;
  return (
    <div class={unit === chosen ? "nw-plot nw-trace nw-chosen" : "nw-plot nw-trace"} data-trace={unit}>
      <div class="nw-trace-name">
        <button
          type="button"
          class="nw-link nw-mono"
          style={{ color: hue }}
          aria-pressed={unit === chosen}
          disabled={!isLive(session)}
          title={unit === chosen ? `${says} is the unit that shades the text` : `Shade the text by ${says}`}
          onClick={() => session.setUnit(unit)}
        >
          <Called labels={labels} unit={unit} alone />
        </button>
        <PinButton session={session} unit={unit} />
        <span class="nw-soft nw-trace-range" title="The line's box reaches from here to there">
          {trace ? `${formatValue(trace.scale.lo)} … ${formatValue(trace.scale.hi)}` : ""}
        </span>
      </div>
      <div
        class="nw-picture"
        style={{ height: `${HEIGHT}px` }}
        onPointerMove={(event) => {
          if (!frame || !seen) return;
          const box = event.currentTarget.getBoundingClientRect();
          const token = textWindow(frame).first + itemAt((event.clientX - box.left) / box.width, seen);
          plot.pointed.value = [token, token + 1];
        }}
        onPointerLeave={() => {
          plot.pointed.value = null;
        }}
      >
        {trace && seen && (
          <Line trace={trace} cols={seen} width={plot.width.value} hue={hue} words={sayTrace(says, trace)} />
        )}
        {frame && seen && <TokenMarks plot={plot} frame={frame} cols={seen} />}
      </div>
      <TraceValue plot={plot} frame={frame} trace={trace} other={other} chosen={chosen} />
    </div>
  );
}

/** `before`: in the model before its edits. */
type Trace = { values: Float32Array; before?: Float32Array | null; scale: Scale };
type LineProps = { trace: Trace; cols: Range; width: number; hue: string; words: string };

function Line({ trace, cols, width, hue, words }: LineProps) {
  const zero = heightOf(0, trace.scale, HEIGHT) ?? 0;
  return (
    <svg width={width} height={HEIGHT} role="img" aria-label={words} style={{ color: hue }}>
      <title>{words}</title>
      <line class="nw-zero" x1="0" x2={width} y1={zero} y2={zero} />
      {trace.before && (
        <path
          d={tracePath(trace.before, cols, trace.scale, width, HEIGHT)}
          fill="none"
          stroke="currentColor"
          stroke-opacity="0.7"
          stroke-dasharray="2 3"
        />
      )}
      <path
        d={tracePath(trace.values, cols, trace.scale, width, HEIGHT)}
        fill="none"
        stroke="currentColor"
        stroke-width="1.5"
      />
    </svg>
  );
}

type TraceValueProps = {
  plot: Plot;
  frame: Frame | null;
  trace: Trace | null;
  /** The chosen unit's, where this is another. */
  other: Trace | null;
  chosen: UnitName | null;
};

function TraceValue({ plot, frame, trace, other, chosen }: TraceValueProps) {
  const token = plot.pointed.value?.[0] ?? plot.token.value;
  const value = frame && trace && token !== null ? trace.values[token - textWindow(frame).first] : undefined;
  const r = trace && other ? togetherness(trace.values, other.values) : null;
  return (
    <div class="nw-trace-value">
      <span title={value === undefined ? "" : `${formatExact(value)} at token ${token}`}>
        {value === undefined ? "" : formatValue(value)}
      </span>
      {r !== null && (
        <span class="nw-soft" title={`Pearson's correlation with ${chosen} over all tokens here`}>
          r {r.toFixed(2).replace("-", "−")}
        </span>
      )}
    </div>
  );
}

/** One scale for a line and for what it was. */
const both = (values: Float32Array, before: Float32Array | null): Float32Array =>
  before ? Float32Array.of(...values, ...before) : values;

function sayTrace(unit: string, { values, scale }: Trace): string {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const drawn = `drawn between ${formatValue(scale.lo)} and ${formatValue(scale.hi)}`;
  return high >= low
    ? `${unit}: from ${formatValue(low)} to ${formatValue(high)}, ${drawn}`
    : `${unit}: no values`;
}
