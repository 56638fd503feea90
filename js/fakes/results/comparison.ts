/** An invented comparison of groups of inputs: two groups, or three whose units are active here and there. */
import type { ComparedAnswer, ComparedGroup, ComparisonInfo } from "../../src/wire/results/comparison.ts";
import type { UnitRow } from "../../src/wire/results/units.ts";
import { type ArrayWriter, hash } from "../frame-writer.ts";
import { drawn } from "../pictures.ts";
import { COLUMNS, TABLE_ROW } from "../table.ts";
import { base64, type ResultKind } from "./bytes.ts";

const WIDTH = 48;
const SITES = ["mlp.2", "mlp.1"];
const GROUPS: Record<ResultKind, string[]> = {
  text: ["python", "german", "english"],
  image: ["wrong", "right"],
  table: ["malignant", "benign"],
};
const LINES = ['    return f"hello {name}"', "Es war einmal ein König,", "Once upon a time there was"];
const SIDE = 12;
const PARTS = 32;

type Unit = { site: number; unit: number; effect: number; height: number; found: boolean };

/** A twelfth of the units differ. */
function unitOf(place: number, entropy: boolean): Unit {
  const key = `compared ${place}`;
  const differs = hash(key) < 0.13;
  const noise = 0.16 * (hash(`noise ${key}`) - 0.5);
  const strong = (0.14 + 0.3 * hash(`strong ${key}`)) * (hash(`side ${key}`) < 0.5 ? -1 : 1);
  const effect = differs ? strong : noise;
  const height = Math.max(0, 160 * effect ** 2 - 0.4 * hash(`height ${key}`));
  return {
    site: Math.floor(place / WIDTH),
    unit: place % WIDTH,
    effect: entropy ? Math.abs(effect) * 2 : effect,
    height,
    found: differs && height > 1.3,
  };
}

const unitsOf = (entropy: boolean): Unit[] =>
  Array.from({ length: WIDTH * SITES.length }, (_, place) => unitOf(place, entropy)).sort(
    (a, b) => b.height - a.height,
  );

const groupOf = (unit: Unit, entropy: boolean): number =>
  entropy ? unit.unit % 3 : unit.effect >= 0 ? 0 : 1;

export function comparisonInfo(
  kind: ResultKind,
  { none = false, edits = [] as string[] } = {},
): ComparisonInfo {
  const entropy = GROUPS[kind].length > 2;
  const units = unitsOf(entropy).map((unit) =>
    none ? { ...unit, effect: 0.2 * unit.effect, height: 0.1 * unit.height, found: false } : unit,
  );
  const ends: [number, number] = entropy ? [-0.04, 1] : [-0.5, 0.5];
  const top = 32;
  const across = (effect: number) => Math.round((65535 * (effect - ends[0])) / (ends[1] - ends[0]));
  const up = (height: number) => Math.round((65535 * Math.min(top, height)) / top);
  const places = (few: number, wide: number) => {
    const some = Array.from({ length: few }, (_, i) => i);
    return base64(
      Uint16Array.from(some, (i) => across(entropy ? wide * hash(`c ${i}`) : wide * (hash(`c ${i}`) - 0.5))),
      Uint16Array.from(some, (i) => up(0.9 * hash(`d ${i}`) ** 4)),
    );
  };
  const found = units.filter((unit) => unit.found);
  return {
    model: "invented",
    input: kind,
    measure: entropy ? "entropy" : "auroc",
    verdict: none
      ? `Nothing found: of ${units.length} units none differs between ${GROUPS[kind].join(" and ")} on inputs that had no part in finding it.`
      : `${found.length} of ${units.length} units differ between ${GROUPS[kind].join(", ")} on inputs that had no part in finding them.`,
    figures: [
      {
        name: "found",
        value: `${found.length} of ${units.length}`,
        words: "units pass (q ≤ 0.05) and hold up",
      },
      {
        name: "chance",
        value: "0.05",
        words: "units pass where labels are shuffled, in the mean of 20 draws",
      },
      { name: "inputs", value: "malignant 106 + 106", words: "found units, and reported them" },
    ],
    edits,
    groups: GROUPS[kind].map((name) => [name, 106, 105]),
    level: 0.05,
    axis: entropy
      ? ["alike in all groups", "in one group alone"]
      : [`higher in ${GROUPS[kind][1]}`, `higher in ${GROUPS[kind][0]}`],
    sites: SITES,
    ends,
    top,
    points: base64(
      Uint32Array.from(units, ({ unit }) => unit),
      Uint16Array.from(units, ({ site }) => site),
      Uint16Array.from(units, ({ effect }) => across(effect)),
      Uint16Array.from(units, ({ height }) => up(height)),
      Uint8Array.from(units, (unit) => (unit.found ? 1 + groupOf(unit, entropy) : 0)),
    ),
    chance: places(96, 0.18),
    twin: places(96, 0.5),
    searched: units.length,
    drawn: units.length,
    units: {
      effect: entropy ? "1 − entropy" : "AUROC − .5",
      hint: "on inputs that had no part in finding it, with a 95 % interval",
      zero: 0,
      ends: entropy ? [0, 1] : ends,
      null: entropy ? [0, 0.17] : [-0.08, 0.08],
      columns: [
        ["higher in", "the group in which it is higher"],
        ["when found", "the same on the inputs that found it"],
      ],
      total: units.length,
      rows: units.map((unit): UnitRow => {
        const { effect, height, found } = unit;
        return {
          unit: `${SITES[unit.site]}:${unit.unit}`,
          effect,
          low: effect - 0.06,
          high: effect + 0.05,
          q: 10 ** -height,
          found,
          cells: [GROUPS[kind][groupOf(unit, entropy)]!, effect * 1.08],
        };
      }),
    },
  };
}

/** What a unit does in each group: higher in that of its sign. */
export function comparedOf(kind: ResultKind, unit: string, out: ArrayWriter): ComparedAnswer {
  const names = GROUPS[kind];
  const shift = hash(`shift ${unit}`);
  const groups = names.map((name, i): ComparedGroup => {
    const middle = 0.6 + (i === 0 ? 1.6 * shift : 0.5 * shift);
    const heights = Array.from({ length: PARTS }, (_, part) => {
      const x = (3.2 * part) / PARTS - middle;
      return Math.exp(-2.4 * x * x) * (0.8 + 0.4 * hash(`${unit} ${i} ${part}`));
    });
    const total = heights.reduce((sum, height) => sum + height, 0);
    return {
      name,
      inputs: 105 + i,
      low: middle - 0.35,
      middle,
      high: middle + 0.3,
      rate: names.length > 2 ? (0.9 - 0.3 * i) * (0.4 + 0.6 * shift) : null,
      shares: heights.map((height) => height / total),
      exemplars: Array.from({ length: 4 }, (_, n) => ({
        document: 100 * i + n,
        name: kind === "text" ? `document_${100 * i + n}` : `${kind} ${100 * i + n}`,
        label: null,
        prediction: null,
        value: middle + 0.9 - 0.1 * n,
        ...(kind === "text" && { pieces: [...LINES[i]!.matchAll(/\s?\w+|\W/g)].map(([piece]) => piece) }),
        ...(kind === "table" && { cells: TABLE_ROW }),
      })),
    };
  });
  const rows = groups.flatMap(({ exemplars }) => exemplars);
  if (kind === "image") {
    const pixels = rows.flatMap(({ document }) => [...drawn(document, SIDE).rgb]);
    out.add("images", Uint8Array.from(pixels), [rows.length, SIDE, SIDE, 3]);
  }
  if (kind === "text") {
    const shades = rows.flatMap(({ pieces = [] }, i) =>
      pieces.map((_, at) => 3 * hash(`${unit} ${i} ${at}`) ** 3),
    );
    out.add("shades", Float32Array.from(shades));
  }
  return {
    words: `Of one input of ${names[0]} and one of ${names.slice(1).join(" or ")}, it is higher on that of ${names[0]} in 93% of all pairs (90% to 95%); 50% would be chance.`,
    over: "",
    cause: unit.endsWith("0")
      ? "Held at its mean it changes what the model says by KL 0.4: the model uses it."
      : null,
    ends: [0, 3.2],
    groups,
    input: kind,
    unit: kind === "text" ? unit : null,
    scale:
      kind === "text" ? { lo: 0, hi: 3, mode: "linear", knee: 0.003, signed: false, pinned: false } : null,
    columns: COLUMNS.map((column) => ({
      name: column.name,
      ends: column.kind === "number" ? [column.low, column.high] : null,
    })),
  };
}
