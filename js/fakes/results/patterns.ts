/** Invented patterns of inputs and groups of units: a map of blobs, members of them, and where an input falls. */
import type { PatternPart } from "../../src/panels/pattern/wire.ts";
import type { Scale } from "../../src/wire/protocol.ts";
import type { GroupsInfo } from "../../src/wire/results/groups.ts";
import type {
  LayerInfo,
  MemberRow,
  MembersAnswer,
  PatternRow,
  PatternsInfo,
} from "../../src/wire/results/patterns.ts";
import { type ArrayWriter, hash } from "../frame-writer.ts";
import { drawn } from "../pictures.ts";
import { COLUMNS, TABLE_ROW } from "../table.ts";
import { base64, type ResultKind } from "./bytes.ts";

const INPUTS = 600;
const COUNT = 11;
const SIDE = 12;
const LABELS: Record<ResultKind, string[]> = {
  text: ["string", "comment", "code"],
  image: [..."0123456789"],
  table: ["malignant", "benign"],
};
const SITES: Record<ResultKind, [string, string]> = {
  text: ["mlp.1", "mlp.2"],
  image: ["conv.1", "dense.0"],
  table: ["dense.0", "dense.1"],
};
const SCALE: Scale = { lo: 0, hi: 3, mode: "linear", knee: 0.003, signed: false, pinned: false };
const LINES = ['    return f"hello {name}"', "def greet(name, loud=False):", "# nothing to see here"];

/** −1 for every fourth. */
const patternOf = (layer: number, input: number): number => {
  if (hash(`noise ${layer} ${input}`) < 0.22 + 0.06 * layer) return -1;
  const pattern = Math.floor(COUNT * hash(`pattern ${input}`) ** 1.3);
  // Of the second layer two patterns are one, and one is two.
  if (layer === 0) return pattern;
  return pattern === 3 ? 2 : pattern === 0 && input % 3 === 0 ? 3 : pattern;
};

function spotOf(layer: number, input: number): [number, number] {
  const pattern = patternOf(layer, input);
  const [a, b] = [hash(`x ${layer} ${input}`) - 0.5, hash(`y ${layer} ${input}`) - 0.5];
  if (pattern < 0) return [9 * a, 7 * b];
  const angle = 2.4 * pattern + layer;
  const far = 0.8 + 0.28 * pattern;
  return [far * Math.cos(angle) + 1.1 * a * (1 + b), far * Math.sin(angle) + 1.1 * b * (1 + a)];
}

const inputs = Array.from({ length: INPUTS }, (_, i) => i);
const labelOf = (kind: ResultKind, input: number): number => {
  const pattern = patternOf(0, input);
  const own = pattern < 0 || hash(`odd ${input}`) < 0.08 ? Math.floor(50 * hash(`label ${input}`)) : pattern;
  return own % LABELS[kind].length;
};

function layerOf(kind: ResultKind, layer: number): LayerInfo {
  const ends: LayerInfo["ends"] = [-5, 5, -5, 5];
  const spots = inputs.map((input) => spotOf(layer, input));
  const share = (value: number) => Math.round((65535 * (Math.min(5, Math.max(-5, value)) + 5)) / 10);
  const patterns = [...new Set(inputs.map((input) => patternOf(layer, input)))].filter((one) => one >= 0);
  const none = inputs.filter((input) => patternOf(layer, input) < 0).length;
  return {
    site: SITES[kind][layer]!,
    verdict: `${patterns.length} patterns in ${SITES[kind][layer]}, of which 9 hold; ${Math.round((100 * none) / INPUTS)} % of 600 inputs in none.`,
    figures: [
      {
        name: "stability",
        value: "0.81",
        words: "of the middle pattern: how much of it comes back when a fifth of the inputs is left out",
      },
      {
        name: "noise",
        value: `${Math.round((100 * none) / INPUTS)} %`,
        words: "of the inputs are in no pattern; they are grey in the map",
      },
      {
        name: "chance",
        value: "0 patterns hold, 81 % noise",
        words: "found where each unit is shuffled on its own",
      },
      {
        name: "untrained twin",
        value: "4 patterns hold, 61 % noise",
        words: "found in the model before it was trained",
      },
    ],
    patterns: patterns
      .map((pattern) => rowOf(kind, layer, pattern))
      .sort((a, b) => b.stability! - a.stability!),
    none,
    searched: 16 * COUNT,
    map: "Near in the map means treated alike.",
    ends,
    points: base64(
      Uint16Array.from(spots, ([x]) => share(x)),
      Uint16Array.from(spots, ([, y]) => share(y)),
      Int16Array.from(inputs, (input) => patternOf(layer, input)),
    ),
  };
}

function rowOf(kind: ResultKind, layer: number, pattern: number): PatternRow {
  const own = inputs.filter((input) => patternOf(layer, input) === pattern);
  const names = LABELS[kind].map((name, i): [string, number] => [
    name,
    own.filter((input) => labelOf(kind, input) === i).length,
  ]);
  const labels = names.filter(([, count]) => count > 0).sort((a, b) => b[1] - a[1]);
  const stability = 0.97 - 0.6 * hash(`stability ${layer} ${pattern}`);
  return {
    pattern,
    inputs: own.length,
    share: own.length / INPUTS,
    stability,
    low: Math.max(0, stability - 0.15),
    high: Math.min(1, stability + 0.02),
    repeats: stability - 0.1,
    holds: stability > 0.6,
    largest: false,
    labels,
    predictions: labels.slice(0, 2),
    units: Array.from({ length: 4 }, (_, i) => ({
      unit: `${SITES[kind][layer]}:${(7 * pattern + i) % 16}`,
      median: 2.5 - 0.4 * i,
      rest: 0.3 + 0.1 * i,
      auroc: 0.98 - 0.12 * i,
      low: 0.95 - 0.15 * i,
      high: 1 - 0.1 * i,
      q: [0.0002, 0.003, 0.041, 0.24][i]!,
    })),
    ...(kind === "image" && {
      average: { width: SIDE, height: SIDE, rgb: base64(drawn(pattern, SIDE).rgb) },
    }),
  };
}

export function patternsInfo(kind: ResultKind, layers: 1 | 2 = 1): PatternsInfo {
  const counts = new Map<string, number>();
  for (const input of inputs) {
    const key = `${patternOf(0, input)} ${patternOf(1, input)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return {
    model: "invented",
    input: kind,
    inputs: INPUTS,
    sample: "",
    layers: [layerOf(kind, 0), layerOf(kind, 1)].slice(0, layers),
    documents: base64(Int32Array.from(inputs)),
    labelled: base64(Int16Array.from(inputs, (input) => labelOf(kind, input))),
    labels: LABELS[kind],
    flow:
      layers === 1
        ? []
        : [...counts].map(([key, count]) => {
            const [from, to] = key.split(" ").map(Number);
            return [from!, to!, count];
          }),
  };
}

type Question = {
  pattern?: number | null;
  layer?: number;
  most?: number;
  documents?: number[];
  narrowed?: { label: string | null };
};

export function membersOf(kind: ResultKind, question: Question, out: ArrayWriter): MembersAnswer {
  const { pattern = null, layer = 0, most = 12, documents, narrowed } = question;
  const label = narrowed?.label ?? null;
  const all = inputs.filter(
    (input) =>
      (pattern === null || patternOf(layer, input) === pattern) &&
      (label === null || LABELS[kind][labelOf(kind, input)] === label),
  );
  const typical = documents ?? all.slice(0, most);
  const outliers = documents || pattern === null || pattern < 0 ? [] : all.slice(typical.length).slice(-4);
  const shown = [...typical, ...outliers];
  if (kind === "image") {
    const pixels = shown.flatMap((input) => [...drawn(Math.max(0, patternOf(0, input)), SIDE).rgb]);
    out.add("images", Uint8Array.from(pixels), [shown.length, SIDE, SIDE, 3]);
  }
  const rows = shown.map((input) => memberOf(kind, input));
  if (kind === "text" && pattern !== null) {
    const shades = rows.flatMap(({ pieces = [] }, i) =>
      pieces.map((_, at) => 3 * hash(`${shown[i]} ${at}`) ** 3),
    );
    out.add("shades", Float32Array.from(shades));
  }
  return {
    total: all.length,
    typical: rows.slice(0, typical.length),
    outliers: rows.slice(typical.length),
    input: kind,
    unit: kind === "text" && pattern !== null ? `${SITES.text[layer]}:${7 * pattern}` : null,
    scale: kind === "text" && pattern !== null ? SCALE : null,
    columns: COLUMNS.map((column) => ({
      name: column.name,
      ends: column.kind === "number" ? [column.low, column.high] : null,
    })),
  };
}

function memberOf(kind: ResultKind, input: number): MemberRow {
  const label = LABELS[kind][labelOf(kind, input)]!;
  return {
    document: input,
    name: kind === "text" ? `module_${input}.py` : `${kind} ${input}`,
    label,
    prediction: label,
    membership: 1 - 0.4 * hash(`membership ${input}`),
    outlier: 0.3 * hash(`outlier ${input}`),
    ...(kind === "text" && { pieces: [...LINES[input % 3]!.matchAll(/\s?\w+|\W/g)].map(([piece]) => piece) }),
    ...(kind === "table" && { cells: TABLE_ROW }),
  };
}

/** Where an input falls: somewhere among the blobs, by what is in it. */
export function patternPart(words: string, kind: ResultKind, layers: number): PatternPart {
  const near = Math.floor(INPUTS * hash(words));
  return {
    places: Array.from({ length: layers }, (_, layer) => {
      const [x, y] = spotOf(layer, near);
      return {
        site: SITES[kind][layer]!,
        pattern: patternOf(layer, near),
        membership: 0.8,
        x,
        y,
        nearest: [near, near + 1, near + 2].map((input): [number, string] => [
          input,
          memberOf(kind, input).name,
        ]),
      };
    }),
  };
}

export function groupsInfo(): GroupsInfo {
  const side = 64;
  const sizes = [9, 7, 6, 5, 4, 3];
  const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((a, b) => a + b, 0));
  const groupAt = (place: number) =>
    starts.findIndex((start, i) => place >= start && place < start + sizes[i]!);
  const cells = Uint8Array.from({ length: side * side }, (_, i) => {
    const [a, b] = [Math.floor(i / side), i % side];
    const [from, to] = [Math.min(a, b), Math.max(a, b)];
    const noise = 0.2 * hash(`${from} ${to}`);
    const same = groupAt(a) >= 0 && groupAt(a) === groupAt(b);
    return 3 + Math.round(252 * (a === b ? 1 : same ? 0.7 + noise : noise));
  });
  return {
    model: "invented",
    sites: ["mlp.2"],
    verdict:
      "6 groups of 3 to 9 units (34 of 64 units of mlp.2, 1,200 inputs): |correlation| 0.78 in the middle one.",
    figures: [
      {
        name: "stand",
        value: "5 of 6",
        words: "groups are as tight on inputs that had no part in finding them",
      },
      {
        name: "chance",
        value: "0",
        words: "groups come out where inputs are shuffled for each unit, in the mean",
      },
    ],
    units: side,
    groups: sizes.map((size, group) => ({
      group,
      units: Array.from({ length: size }, (_, i) => `mlp.2:${starts[group]! + i}`),
      count: size,
      correlation: 0.86 - 0.05 * group,
      low: 0.8 - 0.05 * group,
      high: 0.9 - 0.05 * group,
      stands: group < 5,
      shared: ["quotes", "indentation", "self", "numbers", "", ""][group]!,
      span: [starts[group]! / side, (starts[group]! + size) / side],
      exemplars:
        group > 3
          ? []
          : LINES.map((line, i) => {
              const pieces = [...line.matchAll(/\s?\w+|\W/g)].map(([piece]) => piece);
              return { name: `module_${i}.py`, units: size - i, pieces, peak: (group + i) % pieces.length };
            }),
    })),
    map: base64(cells),
    side,
  };
}
