/** Ticks of the picture of effects and q-values; shares are 0…1 from the left and from the top. */
import { formatValue, signedValue } from "../../paint/scale.ts";
import type { ComparisonInfo } from "../../wire/results/comparison.ts";
import { upFor } from "./store.ts";

export type Tick = { share: number; words: string };

/** Round effects: five of them or so. */
export function effectTicks({
  ends: [low, high],
  measure,
}: Pick<ComparisonInfo, "ends" | "measure">): Tick[] {
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const ticks: Tick[] = [];
  for (let n = Math.ceil(low / step); n * step <= high; n++) {
    const value = Number((n * step).toPrecision(6));
    ticks.push({
      share: (value - low) / (high - low),
      words: value === 0 || measure === "entropy" ? formatValue(value) : signedValue(value),
    });
  }
  return ticks;
}

const UP = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"];
const raised = (n: number): string => `10⁻${[...String(n)].map((digit) => UP[Number(digit)]).join("")}`;

/** q-values: 1 at the bottom, the level that units must reach, and powers of ten as far as there is room. */
export function certaintyTicks({ top, level }: Pick<ComparisonInfo, "top" | "level">): Tick[] {
  const tick = (height: number, words: string): Tick => ({ share: 1 - upFor(height, top), words });
  const ticks = [tick(0, "1"), tick(-Math.log10(level), String(level))];
  for (const power of [2, 3, 5, 10, 20, 50, 100, 200, 300]) {
    const next = tick(power, raised(power));
    if (power <= top && ticks.every(({ share }) => Math.abs(share - next.share) > 0.08)) ticks.push(next);
  }
  return ticks;
}
