/** An effect with its interval on an axis that all rows share, over where chance alone would lie. */
import type { UnitRow, UnitsInfo } from "../../wire/results/units.ts";

type EffectProps = {
  info: Pick<UnitsInfo, "ends" | "zero" | "null">;
  row: Pick<UnitRow, "effect" | "low" | "high">;
};

/** The axis of effects; one that goes both ways from zero has signs. */
type Axis = Pick<UnitsInfo, "ends" | "zero">;

/** Two decimals, or two digits of what is smaller. */
export function sayEffect(value: number | null, { ends, zero }: Axis): string {
  if (value === null) return "–";
  const size = Math.abs(value);
  const digits = size >= 0.095 || size < 1e-6 ? size.toFixed(2) : String(Number(size.toPrecision(2)));
  return `${value < 0 ? "−" : zero === 0 && ends[0] < 0 ? "+" : ""}${digits}`;
}

export function EffectBar({ info: { ends, zero, null: chance }, row: { effect, low, high } }: EffectProps) {
  const at = (value: number) => {
    const share = (value - ends[0]) / (ends[1] - ends[0] || 1);
    return 100 * Math.min(1, Math.max(0, share));
  };
  const span = (from: number, to: number) => ({ left: `${at(from)}%`, width: `${at(to) - at(from)}%` });
  return (
    <span class="nw-unit-effect" aria-hidden="true">
      {chance && <span class="nw-unit-effect-chance" style={span(...chance)} />}
      <span class="nw-unit-effect-zero" style={{ left: `${at(zero)}%` }} />
      {low !== null && high !== null && <span class="nw-unit-effect-span" style={span(low, high)} />}
      {effect !== null && <span class="nw-unit-effect-dot" style={{ left: `${at(effect)}%` }} />}
    </span>
  );
}

/** An effect with its interval in words. */
export const sayInterval = ({ effect, low, high }: EffectProps["row"], axis: Axis): string =>
  sayEffect(effect, axis) +
  (low !== null && high !== null ? ` (${sayEffect(low, axis)} to ${sayEffect(high, axis)})` : "");

/** A q-value: 0.031, < 0.001. */
export function sayQ(q: number | null): string {
  if (q === null) return "–";
  return q < 0.001 ? "< 0.001" : String(Number(q.toPrecision(2)));
}
