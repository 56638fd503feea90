/** A score on the other half against the number of units, beside its baselines; each number can be chosen. */
import { moveFocus } from "../../ui/roving-focus.ts";
import type { LocalisedConcept, LocalisedInfo, LocalisedLine } from "../../wire/results/localised.ts";

type CurvesProps = {
  info: LocalisedInfo;
  concept: LocalisedConcept;
  metric: string;
  k: number;
  choose: (k: number) => void;
  live: boolean;
};

/** Of the picture, in units of its own: its text stands beside it. */
const HEIGHT = 100;

export function Curves({ info, concept, metric, k, choose, live }: CurvesProps) {
  const { ks, bases, metrics } = info;
  const lines = concept.lines.filter((line) => line.metric === metric);
  const words = metrics.find(([name]) => name === metric)?.[1] ?? metric;
  const least = Math.min(0, ...lines.flatMap(({ low }) => low.map((value) => value ?? 0)));
  const at = { x: (i: number) => i + 0.5, y: (value: number) => (HEIGHT * (1 - value)) / (1 - least) };
  const stop = Math.max(0, ks.indexOf(k));
  return (
    <figure class="nw-local-curves" data-nw="local-curves">
      <div class="nw-local-plot">
        <div class="nw-local-ends" aria-hidden="true">
          {[1, 0.5, 0].map((value) => (
            <span key={value} style={{ top: `${at.y(value)}%` }}>
              {value === 0.5 ? ".5" : value}
            </span>
          ))}
        </div>
        <svg viewBox={`0 0 ${ks.length} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          {[1, 0.5, 0].map((value) => (
            <line key={value} class="nw-local-grid" x1={0} x2={ks.length} y1={at.y(value)} y2={at.y(value)} />
          ))}
          {[...lines].reverse().map((line) => (
            <g key={line.basis} data-basis={line.basis}>
              <polygon points={bandOf(line, at)} />
              <polyline points={pointsOf(line.mean, at)} />
            </g>
          ))}
        </svg>
        {/* Round dots: the picture is stretched. */}
        {lines.map((line) =>
          line.mean.map(
            (value, i) =>
              value !== null && (
                <span
                  key={`${line.basis} ${ks[i]}`}
                  class="nw-local-dot"
                  data-basis={line.basis}
                  style={{ left: `${(100 * at.x(i)) / ks.length}%`, top: `${at.y(value)}%` }}
                />
              ),
          ),
        )}
        {/* biome-ignore lint/a11y/noStaticElementInteractions: arrows go from number to number. */}
        <div class="nw-local-ks" onKeyDown={moveFocus}>
          {ks.map((number, i) => (
            <button
              key={number}
              type="button"
              data-nw="local-k"
              data-k={number}
              disabled={!live}
              tabIndex={i === stop ? 0 : -1}
              aria-pressed={number === k}
              aria-label={sayK(number, i, words, info, lines)}
              title={sayK(number, i, words, info, lines)}
              onClick={() => choose(number)}
            >
              <span>{number.toLocaleString("en")}</span>
            </button>
          ))}
        </div>
      </div>
      <figcaption class="nw-sub">
        {words} on inputs that had no part in it, against the number of units;{" "}
        {bases.map(([basis, say]) => (
          <span key={basis} class="nw-local-key" data-basis={basis}>
            {say}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

type At = { x: (i: number) => number; y: (value: number) => number };

const pointsOf = (values: readonly (number | null)[], { x, y }: At): string =>
  values.flatMap((value, i) => (value === null ? [] : [`${x(i)},${y(value).toFixed(2)}`])).join(" ");

const bandOf = ({ low, high }: LocalisedLine, at: At): string =>
  `${pointsOf(high, at)} ${pointsOf(low, at).split(" ").reverse().join(" ")}`;

export const sayScore = (value: number | null | undefined): string =>
  value == null ? "–" : value.toFixed(2).replace("0.", ".").replace("-", "−");

function sayK(
  k: number,
  i: number,
  words: string,
  { bases }: LocalisedInfo,
  lines: readonly LocalisedLine[],
): string {
  const parts = bases.map(([basis, say]) => {
    const line = lines.find((one) => one.basis === basis);
    return `${say} ${sayScore(line?.mean[i])} (${sayScore(line?.low[i])} to ${sayScore(line?.high[i])})`;
  });
  return `k = ${k}, ${words}: ${parts.join("; ")}`;
}
