/**
 * Localised concepts as the page knows them: the trait `localised_info`, which
 * `neuronwidget/widgets/answers/results/localised_info.py` writes.
 */
import type { UnitsInfo } from "./units.ts";

/** Of a basis and a metric the mean over the splits for each k, and the least and the largest of them. */
export type LocalisedLine = {
  basis: string;
  metric: string;
  mean: (number | null)[];
  low: (number | null)[];
  high: (number | null)[];
};

export type LocalisedConcept = {
  name: string;
  /** "one unit", "a few", "distributed", "anywhere", "nothing". */
  says: string;
  k: number;
  f1: number | null;
  verdict: string;
  /** Does the output read the units? "" where none is named. */
  cause: string;
  lines: LocalisedLine[];
  /** The best first. */
  units: UnitsInfo;
};

export type LocalisedInfo = {
  model: string;
  sites: string[];
  verdict: string;
  ks: number[];
  /** Each with its words; the first is the units' own. */
  bases: [basis: string, words: string][];
  metrics: [metric: string, words: string][];
  concepts: LocalisedConcept[];
};
