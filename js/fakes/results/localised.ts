/** Invented curves: a concept of one unit, one that is spread over all, one of a few, one that is nowhere. */
import type { LocalisedConcept, LocalisedInfo, LocalisedLine } from "../../src/wire/results/localised.ts";

const KS = [1, 2, 3, 4, 5, 8, 16, 32, 64];
const CHANCE = 0.24;
const REACHED = { "one unit": 1, "a few": 3, distributed: 16, nothing: 1e9 } as const;

function line(basis: string, metric: string, half: number): LocalisedLine {
  const least = metric === "mcc" ? 0 : CHANCE;
  const mean = KS.map((k) => least + (0.95 - least) * Math.min(1, k / half) ** 0.7);
  const spread = mean.map((value) => 0.02 + 0.12 * (1 - value));
  return {
    basis,
    metric,
    mean,
    low: mean.map((value, i) => value - spread[i]!),
    high: mean.map((value, i) => Math.min(1, value + spread[i]!)),
  };
}

function concept(name: string, says: keyof typeof REACHED): LocalisedConcept {
  const half = REACHED[says];
  const k = Math.min(half, 64);
  const rows = KS.flatMap((_, i) => [
    {
      unit: `mlp.1:${(7 * i + 3) % 64}`,
      effect: (i % 2 ? -1 : 1) * (0.48 - 0.05 * i),
      low: (i % 2 ? -1 : 1) * (0.48 - 0.05 * i) - 0.04,
      high: (i % 2 ? -1 : 1) * (0.48 - 0.05 * i) + 0.02,
      q: i < 6 ? 10 ** (i - 8) : 0.2,
      found: i < 6,
      cells: [i < k ? 1 : 0.4],
    },
  ]);
  return {
    name,
    says,
    k,
    f1: says === "nothing" ? CHANCE : 0.95,
    verdict: `'${name}' – ${says}: of mlp.1 (64 units, 600 inputs) the best ${k} have F1 0.95 (0.93 to 0.97 over 5 splits); of a random basis as many have 0.41, with the labels shuffled it is 0.24.`,
    cause:
      says === "distributed" || says === "nothing" ? "" : "whether it is a cause was not tried (cause=True)",
    lines: ["f1", "mcc", "ap"].flatMap((metric) => [
      line("units", metric, half),
      line("rotated", metric, Math.max(half, 20)),
      line("control", metric, 1e9),
    ]),
    units: {
      effect: "AUROC − .5",
      hint: "AUROC on the other half, less the .5 of chance",
      zero: 0,
      ends: [-0.52, 0.52],
      null: null,
      columns: [["chosen", "in which share of the splits it is among the best k"]],
      total: rows.length,
      rows,
    },
  };
}

export const localisedInfo = (): LocalisedInfo => ({
  model: "invented",
  sites: ["mlp.1"],
  verdict:
    "4 concepts in mlp.1 (64 units, 600 inputs): one unit carries 1 (comment: mlp.1:3); a few units carry 1 (string); distributed, no single unit: 1 (code); nothing found for 1 (noise).",
  ks: KS,
  bases: [
    ["units", "the best k units"],
    ["rotated", "k directions of a random basis"],
    ["control", "labels shuffled"],
  ],
  metrics: [
    ["f1", "F1"],
    ["mcc", "Matthews' correlation"],
    ["ap", "average precision"],
  ],
  concepts: [
    concept("comment", "one unit"),
    concept("string", "a few"),
    concept("code", "distributed"),
    concept("noise", "nothing"),
  ],
});
