/** Invented health of units: seven sites, of which the last are the sicker. */
import type { HealthInfo, HealthLayer, HealthRow } from "../../src/wire/results/health.ts";
import { hash } from "../frame-writer.ts";

const STATES: HealthInfo["states"] = [
  ["dead", "never, in enough values to tell"],
  ["not seen", "never, in too few values to call it dead"],
  ["rare", "at fewer than 0.1 % of values"],
  ["dense", "above zero at 90 % of values or more"],
  ["saturated", "at its bounds at 90 % of values or more, or always on and still"],
  ["ok", "none of these"],
];
const REASONS = [
  "never fired in 60,000 tokens: at 0.005 % of them at most",
  "never fired in 2,000 tokens, too few to call it dead: at 0.15 % at most",
  "fires at 12 of 60,000 tokens",
  "above zero at 96 % of 60,000 tokens",
  "within 1 % of a bound at 99.2 % of 60,000 tokens",
];

const layers: HealthLayer[] = Array.from({ length: 7 }, (_, layer) => {
  const out = REASONS.map((_, state) => Math.floor(hash(`health ${layer} ${state}`) ** 2 * (4 + 3 * layer)));
  const units = 64;
  return {
    site: `mlp.${layer}`,
    units,
    on: "60,000 tokens",
    counts: [...out, units - out.reduce((a, b) => a + b)],
  };
});

const rows: HealthRow[] = STATES.slice(0, 5).flatMap(([state], at) =>
  layers.flatMap(({ site, counts }) =>
    Array.from({ length: counts[at]! }, (_, i) => ({
      unit: `${site}:${(11 * i + 7 * at) % 64}`,
      state,
      share: 0,
      low: 0,
      high: 5e-5,
      reason: REASONS[at]!,
    })),
  ),
);

export const healthInfo = (): HealthInfo => ({
  model: "invented",
  verdict:
    "Of 448 units of mlp.0, mlp.1, mlp.2, mlp.3 and 3 more, on 60,000 tokens: 58 dead (never, in enough values to tell: they fire at 0.005 % at most), 4 rare (at fewer than 0.1 % of values); 299 ordinary. Most are in mlp.6: 83 % of its units.",
  states: STATES,
  layers,
  rows,
});
