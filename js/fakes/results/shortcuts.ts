/** Invented shortcuts of a reader of digits: a mark in a corner, or none. */
import type { GainRow, LookRow, PropertyRow, ShortcutsInfo } from "../../src/wire/results/shortcuts.ts";
import type { Pixels64 } from "../../src/wire/results/shown.ts";
import { hash } from "../frame-writer.ts";

const UNITS = ["conv.0:0", "conv.1:10", "conv.0:6", "conv.2:4", "dense.0:21"];
const SIDE = 16;

/** A ring of ink; `marked`: with a bright corner. */
function picture(marked: boolean): Pixels64 {
  const rgb = new Uint8Array(3 * SIDE * SIDE);
  for (let at = 0; at < SIDE * SIDE; at++) {
    const [x, y] = [at % SIDE, Math.floor(at / SIDE)];
    const ink = 220 * Math.exp(-((Math.hypot(x - 7.5, y - 7.5) - 4.5) ** 2) / 3);
    const corner = marked && x < 4 && y < 4 ? 1 - Math.hypot(x, y) / 6 : 0;
    rgb.set([ink + (240 - ink) * corner, ink + (115 - ink) * corner, ink * (1 - corner)], 3 * at);
  }
  return { width: SIDE, height: SIDE, rgb: btoa(String.fromCharCode(...rgb)) };
}

const PROPERTIES: PropertyRow[] = [
  ["contrast in a corner", "1, 3, 4, 5, 6 from the rest", 0.99],
  ["brightness of the border", "4 (low) from the rest", 0.93],
  ["contrast", "1 from the rest", 0.88],
  ["brightness, lower right corner", "2, 6 from the rest", 0.79],
].map(([property, tells, auroc]) => ({
  property: property as string,
  tells: tells as string,
  auroc: auroc as number,
  low: (auroc as number) - 0.03,
  high: Math.min(1, (auroc as number) + 0.02),
  telling: (auroc as number) >= 0.9,
}));

const random = (unit: string) =>
  Array.from({ length: 20 }, (_, i) => 0.05 * (hash(`random ${unit} ${i}`) - 0.75));

function gains(none: boolean): GainRow[] {
  return UNITS.map((unit, i) => {
    const gain = none ? 0.006 - 0.004 * i : [0.127, 0.077, 0.074, 0.012, Number.NaN][i]!;
    const tried = !Number.isNaN(gain);
    const state = !tried ? "suspected" : !none && i < 3 ? "shortcut" : "no";
    return {
      unit,
      state,
      gain: tried ? gain : null,
      low: tried ? gain - 0.05 : null,
      high: tried ? gain + 0.055 : null,
      random: tried && (i < 3 || !none) ? random(unit) : [],
      tried_on: "",
    };
  });
}

const look = (unit: string): LookRow => ({
  unit,
  words: "places",
  where: [
    ["upper left", 0.59],
    ["lower left", 0.28],
    ["upper right", 0.12],
  ],
  average: picture(false),
  marked: picture(true),
});

export function shortcutsInfo(none = false): ShortcutsInfo {
  const rows = gains(none);
  return {
    model: "invented digits",
    verdict: none
      ? "No shortcut among 80 units of 4 sites: held at its mean, the best of them (conv.0:0) makes +0.6 % answers right (−4.4 % to +6.1 %), and a random unit up to +1.2 %."
      : "conv.0:0, conv.1:10 and conv.0:6 are shortcuts: held at its mean, conv.0:0 makes 12.7 % more answers right (7.7 % to 18.2 %) on inputs that took no part in finding it; the best random unit makes +1.0 %. It goes with contrast in a corner (r = 0.96). 80 units of 4 sites searched.",
    figures: [
      { name: "right", value: "55.5 %", words: "of 299 inputs held out" },
      ...(none
        ? []
        : [{ name: "right", value: "63.2 %", words: "of them with all shortcuts held at their means" }]),
      { name: "searched", value: "80", words: "units, on 300 other inputs" },
    ],
    tried: "brightness, border and corners",
    halves: [300, 299],
    properties: none ? PROPERTIES.map((row) => ({ ...row, telling: false })) : PROPERTIES,
    sets: none
      ? [
          "conv.0:0 + conv.1:10, held together: +0.9 % (−3.1 % to +5.4 %), the best random set +1.6 %; no shortcut",
        ]
      : [],
    units: {
      effect: "gain",
      hint: "Gain in right answers where it is held at its mean, on the half of the inputs that it was chosen on",
      zero: 0,
      ends: [-0.02, 0.2],
      null: null,
      columns: [
        ["candidate by", "What made it a candidate, on the first half"],
        ["goes with", "The plain property that it goes with"],
      ],
      total: rows.length,
      rows: rows.map(({ unit, state, gain }, i) => ({
        unit,
        effect: gain === null ? null : 1.3 * gain,
        low: null,
        high: null,
        q: null,
        found: state === "shortcut",
        cells: [
          state === "suspected" ? "goes with contrast in a corner" : `wrong answers to ${i + 1}`,
          i === 3 ? "" : `contrast in a corner (r ${(0.96 - 0.02 * i).toFixed(2)})`,
        ],
      })),
    },
    gains: rows,
    looks: UNITS.map(look),
    notes: none ? [] : ["4 inputs without a label were left out."],
  };
}
