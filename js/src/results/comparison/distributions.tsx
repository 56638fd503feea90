/** Values of the chosen unit in each group, one above the other over one axis. */
import { formatValue } from "../../paint/scale.ts";
import { dark } from "../../paint/theme.ts";
import { percent, plural } from "../../paint/words.ts";
import type { ComparedAnswer, ComparedGroup } from "../../wire/results/comparison.ts";
import { groupHue } from "./groups.ts";

const HIGH = 46;

export function Distributions({ answer: { ends, groups } }: { answer: ComparedAnswer }) {
  const isDark = dark.value;
  return (
    <div class="nw-distributions" data-nw="distributions">
      {groups.map((group, i) => (
        <div key={group.name} class="nw-distribution" title={sayGroup(group)}>
          <span class="nw-distribution-name">
            <span class="nw-group-mark" style={{ background: groupHue(i, isDark) }} /> {group.name}{" "}
            <span class="nw-soft">{plural(group.inputs, "input")}</span>
          </span>
          <Bars group={group} ends={ends} hue={groupHue(i, isDark)} />
        </div>
      ))}
      <div class="nw-distribution-ends nw-sub" aria-hidden="true">
        <span>{formatValue(ends[0])}</span>
        <span>the unit's value in an input; each group at its own height</span>
        <span>{formatValue(ends[1])}</span>
      </div>
    </div>
  );
}

type BarsProps = { group: ComparedGroup; ends: ComparedAnswer["ends"]; hue: string };

/** A bar for each part of the axis; below them a line over the middle half of the inputs, with a mark at the median. */
function Bars({ group, ends: [from, to], hue }: BarsProps) {
  const { shares, low, middle, high } = group;
  const most = Math.max(1e-9, ...shares);
  const wide = 100 / Math.max(1, shares.length);
  const at = (value: number) => (100 * (value - from)) / (to - from || 1);
  return (
    <svg
      viewBox={`0 0 100 ${HIGH}`}
      preserveAspectRatio="none"
      height={HIGH}
      role="img"
      aria-label={sayGroup(group)}
    >
      {shares.map((share, i) => (
        <rect
          key={i}
          x={i * wide + 0.1 * wide}
          y={HIGH - 8 - (share / most) * (HIGH - 10)}
          width={0.8 * wide}
          height={(share / most) * (HIGH - 10)}
          fill={hue}
        />
      ))}
      <line class="nw-distribution-base" x1="0" x2="100" y1={HIGH - 7.5} y2={HIGH - 7.5} />
      {low !== null && high !== null && (
        <line class="nw-distribution-half" x1={at(low)} x2={at(high)} y1={HIGH - 3.5} y2={HIGH - 3.5} />
      )}
      {middle !== null && (
        <line class="nw-distribution-middle" x1={at(middle)} x2={at(middle)} y1={HIGH - 8} y2={HIGH} />
      )}
    </svg>
  );
}

/** "malignant: 106 inputs, 1.2 in the middle, half of them between 0.4 and 2.1" */
function sayGroup({ name, inputs, low, middle, high, rate }: ComparedGroup): string {
  const parts = [`${name}: ${plural(inputs, "input")}`];
  if (middle !== null) parts.push(`${formatValue(middle)} in the middle`);
  if (low !== null && high !== null)
    parts.push(`half of them between ${formatValue(low)} and ${formatValue(high)}`);
  if (rate !== null) parts.push(`active ${percent(rate)} of the time`);
  return parts.join(", ");
}
