/** Legend of the colours: the ends, zero, and what is measured. Always there, always of the same height. */

import { colourOf, formatExact, gradientOf, legendTicks } from "../paint/scale.ts";
import { dark } from "../paint/theme.ts";
import { plural, splitUnit } from "../paint/words.ts";
import type { Session } from "../session/session.ts";
import { shownPass } from "../wire/frame.ts";
import type { Head, Scale, UnitName } from "../wire/protocol.ts";
import { Called, sayUnit } from "./naming/unit-name.tsx";

type LegendProps = {
  session: Session;
  /** What the colours are of: "unit", "map", "tiles". */
  of: string;
  scale: Scale | null | undefined;
  /** Where the scale is that of one unit; else it is the site's. */
  unit?: UnitName | null | undefined;
  /** What is said where there is no scale. */
  nothing?: string;
};

export function Legend({ session, of, scale, unit, nothing }: LegendProps) {
  const ground = session.kind.darkGround ?? dark.value;
  const head = session.frame.value?.head;
  if (!scale || !head) {
    return (
      <div class="nw-legend" data-nw="legend" data-of={of}>
        <span class="nw-soft">{nothing ?? "Colours: waiting for values."}</span>
      </div>
    );
  }
  const site = unit ? splitUnit(unit)[0] : head.site;
  const change = shownPass({ head }) === "difference" ? "change of " : "";
  const measure = change + (session.catalog.value.measure || "activation");
  return (
    <div class="nw-legend" data-nw="legend" data-of={of}>
      <span class="nw-legend-what">
        {unit ? (
          <span class="nw-mono nw-strong" title={sayUnit(session.labels.value, unit)}>
            <Called labels={session.labels.value} unit={unit} />{" "}
          </span>
        ) : null}
        {measure} of <span class="nw-mono">{site}</span>, {scale.mode === "log" ? "logarithmic" : "linear"}
        {scale.over ? ", between the ends of the data set" : scale.pinned ? ", pinned" : null}
      </span>
      <Ramp scale={scale} ground={ground} />
      <Odd odd={head.odd} scale={scale} ground={ground} />
    </div>
  );
}

/** Values that are not finite, in their own colours. */
function Odd({ odd: { nan, inf }, ...look }: { odd: Head["odd"]; scale: Scale; ground: boolean }) {
  if (nan === 0 && inf === 0) return null;
  return (
    <span class="nw-odd">
      {nan > 0 && <Swatch value={Number.NaN} {...look} words={`NaN: ${plural(nan, "value")}`} />}
      {inf > 0 && <Swatch value={Number.POSITIVE_INFINITY} {...look} words="+∞" />}
      {inf > 0 && <Swatch value={Number.NEGATIVE_INFINITY} {...look} words={`−∞: ${plural(inf, "value")}`} />}
    </span>
  );
}

export function Ramp({ scale, ground }: { scale: Scale; ground: boolean }) {
  const ticks = legendTicks(scale);
  return (
    <span
      class="nw-ramp"
      role="img"
      aria-label={`Colours from ${formatExact(scale.lo)} to ${formatExact(scale.hi)}`}
      title={`from ${formatExact(scale.lo)} to ${formatExact(scale.hi)}`}
    >
      <span class="nw-ramp-bar" style={{ background: gradientOf(scale, ground) }} />
      {ticks.map(({ value, position, label }) => (
        <span
          key={value}
          class={
            position <= 0 ? "nw-ramp-tick nw-first" : position >= 1 ? "nw-ramp-tick nw-last" : "nw-ramp-tick"
          }
          style={{ left: `${100 * position}%` }}
        >
          {label}
        </span>
      ))}
    </span>
  );
}

function Swatch({
  value,
  scale,
  ground,
  words,
}: {
  value: number;
  scale: Scale;
  ground: boolean;
  words: string;
}) {
  return (
    <span class="nw-swatch-words">
      <span class="nw-swatch" style={{ background: colourOf(value, scale, ground) }} /> {words}
    </span>
  );
}
