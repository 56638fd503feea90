/**
 * Health of units as the page knows it: the trait `health_info`, which
 * `neuronwidget/widgets/answers/results/health_info.py` writes.
 */
import type { UnitName } from "../protocol.ts";

export type HealthLayer = {
  site: string;
  units: number;
  /** What was counted: "60,000 tokens". */
  on: string;
  /** How many units are in each state, in the order of `states`. */
  counts: number[];
};

export type HealthRow = {
  unit: UnitName;
  state: string;
  /** The share that the state follows from, with its interval. */
  share: number | null;
  low: number | null;
  high: number | null;
  reason: string;
};

export type HealthInfo = {
  model: string;
  verdict: string;
  /** Each with what it means; the last one is ordinary. */
  states: [state: string, meaning: string][];
  layers: HealthLayer[];
  /** Of each site and state the first ones. */
  rows: HealthRow[];
};
