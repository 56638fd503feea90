/** Histogram of a unit: how often it had which value, with its exemplars and the present input marked. */
import type { ReadonlySignal } from "@preact/signals";
import { useState } from "preact/hooks";
import { formatExact, formatValue } from "../../paint/scale.ts";
import { type Card, countsOf, exemplarsOf, type InputValues } from "./present-value.ts";
import "./histogram.css";

type HistogramProps = { card: Card; reading: ReadonlySignal<InputValues | null> };

export function Histogram({ card, reading }: HistogramProps) {
  const [logarithmic, setLogarithmic] = useState(true);
  const counts = countsOf(card);
  if (counts.length === 0) return <p class="nw-empty">No finite value was counted.</p>;
  const high = card.low + counts.length * card.width;
  const most = counts.reduce((a, b) => Math.max(a, b), 0);
  const heightOf = (count: number) =>
    count === 0 ? 0 : logarithmic ? Math.log1p(count) / Math.log1p(most) : count / most;
  const where = (value: number) => (value - card.low) / (high - card.low);
  const zero = where(0);
  const rug = [...exemplarsOf(card, "top"), ...exemplarsOf(card, "bottom")];
  return (
    <figure class="nw-hist" data-nw="histogram" data-unit={card.unit}>
      <div class="nw-hist-plot">
        <svg
          class="nw-hist-bars"
          viewBox={`0 0 ${counts.length} 100`}
          preserveAspectRatio="none"
          role="img"
          aria-label={describe(card, counts)}
        >
          {Array.from(counts, (count, i) => (
            <rect
              key={i}
              x={i + 0.04}
              width={0.92}
              y={100 * (1 - heightOf(count))}
              height={100 * heightOf(count)}
            >
              <title>{sayBin(card, i, count)}</title>
            </rect>
          ))}
        </svg>
        <Marks reading={reading} where={where} />
      </div>
      <div class="nw-hist-rug" aria-hidden="true" title="The exemplars' values">
        {rug.map((value, i) => (
          <span key={i} style={{ left: `${100 * where(value)}%` }} />
        ))}
      </div>
      <div class="nw-hist-axis" aria-hidden="true">
        <span>{formatValue(card.min ?? card.low)}</span>
        {zero > 0.12 && zero < 0.88 && (
          <span class="nw-hist-zero" style={{ left: `${100 * zero}%` }}>
            0
          </span>
        )}
        <span>{formatValue(card.max ?? high)}</span>
      </div>
      <figcaption class="nw-sub">
        How many {card.things} had each value; counts are{" "}
        <button type="button" class="nw-link" onClick={() => setLogarithmic(!logarithmic)}>
          {logarithmic ? "logarithmic" : "linear"}
        </button>
      </figcaption>
    </figure>
  );
}

type MarksProps = { reading: ReadonlySignal<InputValues | null>; where: (value: number) => number };

/** Alone in reading the frames, so that a key repaints two lines and not the picture. */
function Marks({ reading, where }: MarksProps) {
  const now = reading.value;
  if (now === null) return null;
  const place = (value: number) => Math.min(1, Math.max(0, where(value)));
  const beyond = (value: number) => (where(value) < 0 || where(value) > 1 ? " nw-hist-beyond" : "");
  return (
    <>
      {now.here && (
        <span
          class={`nw-hist-mark nw-hist-here${beyond(now.here.value)}`}
          data-nw="mark-here"
          data-value={now.here.value}
          style={{ left: `${100 * place(now.here.value)}%` }}
        />
      )}
      <span
        class={`nw-hist-mark${beyond(now.peak.value)}`}
        data-nw="mark-peak"
        data-value={now.peak.value}
        style={{ left: `${100 * place(now.peak.value)}%` }}
      />
    </>
  );
}

function sayBin(card: Card, bin: number, count: number): string {
  const low = card.low + bin * card.width;
  return `${formatExact(low)} to ${formatExact(low + card.width)}: ${count.toLocaleString("en")} ${card.things}`;
}

function describe(card: Card, counts: Int32Array): string {
  let fullest = 0;
  for (let i = 1; i < counts.length; i++) if (counts[i]! > counts[fullest]!) fullest = i;
  const ends = `from ${formatExact(card.min ?? card.low)} to ${formatExact(card.max ?? 0)}`;
  return `Histogram of ${card.unit}, ${ends}. Most often ${sayBin(card, fullest, counts[fullest]!)}.`;
}
