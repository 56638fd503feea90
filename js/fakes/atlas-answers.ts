/** Answers of an invented atlas to the page's questions: exemplars, documents, cards, related units, units that fit. */
import type {
  AtlasInfo,
  AtlasSite,
  ExemplarRow,
  FindAnswer,
  Want,
  Wants,
} from "../src/wire/atlas-protocol.ts";
import type { AtlasAsk, AtlasMessage, Scale } from "../src/wire/protocol.ts";
import { GROUPS, type Group, VERSION } from "../src/wire/shared.ts";
import { ArrayWriter, hash, partsOf } from "./frame-writer.ts";
import { drawn } from "./pictures.ts";
import type { ResultKind } from "./results/bytes.ts";
import { comparedOf } from "./results/comparison.ts";
import { membersOf } from "./results/patterns.ts";
import { COLUMNS, TABLE_ROW } from "./table.ts";

type Kind = AtlasInfo["input"];
type Question = AtlasAsk & Partial<Wants["exemplars"]["about"] & Wants["find"]["about"] & { key: number }>;

const TOTAL: Record<Group, number> = { top: 240, intervals: 20, quantiles: 20, bottom: 0 };
const LINES = [
  '    return f"hello {name}"',
  "def greet(name, loud=False):",
  'print("bye", end="")',
  "x = [1, 2, 3]",
];
const SIDE = 28;
const MAP = 7;
const SCALE: Scale = { lo: 0, hi: 5, mode: "linear", knee: 0.005, signed: false, pinned: true };

export function atlasInfo(input: Kind, sites: readonly AtlasSite[]): AtlasInfo {
  return { model: "invented", input, documents: 1200, tokens: 90_000, sites: [...sites] };
}

/** The same of files that another program wrote, which hold less. */
export function importedInfo(sites: readonly AtlasSite[]): AtlasInfo {
  const about = "Imported from neuronpedia files, which hold no states, similar units or whole documents.";
  return { ...atlasInfo("text", sites), documents: null, tokens: null, about };
}

/** What such files lack, of each answer. */
const IMPORTED: Partial<Record<Want, (answer: object) => object>> = {
  exemplars: (answer) => {
    const { group, rows, groups } = answer as Wants["exemplars"]["answer"];
    const missing = {
      quantiles: "The files that it was imported from hold no random sample of documents.",
      bottom: "The files that it was imported from hold no most negative exemplars.",
    }[group as string];
    const untold = { document: null, position: null, copies: 0 };
    return {
      ...answer,
      ...(missing ? { missing, total: 0, strata: [] } : {}),
      groups: { ...groups, quantiles: 0, bottom: 0 },
      state: "",
      seen: 0,
      rows: missing ? [] : rows.map((row, i) => ({ ...row, ...untold, id: i % 2 ? `${i}` : "" })),
      around: rows.map(() => ["", ""]),
    };
  },
  document: () => ({
    error: "The files that this atlas was imported from hold no whole documents.",
    hint: "What is shown is all there is.",
  }),
  card: (answer) => {
    const untold = { density_low: null, density_high: null, mean: null, std: null, site: [null, null] };
    return { ...answer, ...untold, state: "", seen: 0, words: "Above zero at 3.1 % of the tokens." };
  },
  kin: (answer) => ({
    ...answer,
    similar: [],
    apart: "The files that it was imported from hold no sample of tokens to compare units on.",
  }),
  find: (answer) => {
    const { rows, ...rest } = answer as FindAnswer;
    return { ...rest, columns: ["density", "max"], rows: rows.map(([unit, , ...cells]) => [unit, ...cells]) };
  },
};

export function answerImported(ask: AtlasAsk): { header: AtlasMessage; buffers: DataView[] } {
  const { header, buffers } = answerAtlas("text", ask);
  const lacking = IMPORTED[ask.want as Want]?.(header) ?? header;
  return { header: { ...header, ...lacking }, buffers };
}

export function answerAtlas(input: Kind, ask: AtlasAsk): { header: AtlasMessage; buffers: DataView[] } {
  const question = ask as Question;
  const out = new ArrayWriter();
  const fields = {
    exemplars: () => exemplars(input, question, out),
    document: () => documentOf(question, out),
    use: () => ({ to: "the linked view" }),
    card: () => card(input, question.unit!, out),
    kin: () => related(question.unit!),
    find: () => find(question),
    build: () => ({}),
    members: () => membersOf(input as ResultKind, question as object, out),
    compared: () => comparedOf(input as ResultKind, question.unit!, out),
  }[question.want as keyof Wants]();
  const { seq, want } = ask;
  return {
    header: { ...fields, v: VERSION, kind: "atlas", seq, want, arrays: out.arrays },
    buffers: out.buffers,
  };
}

function exemplars(
  input: Kind,
  { unit = "", group = "top", first = 0, count = 0 }: Question,
  out: ArrayWriter,
) {
  const total = TOTAL[group];
  const places = Array.from({ length: Math.max(0, Math.min(count, total - first)) }, (_, i) => first + i);
  const rows = places.map((place) => rowOf(input, unit, group, place));
  const values = places.flatMap((place, i) =>
    Array.from({ length: rows[i]!.values }, (_, at) => shadeOf(unit, place, at, rows[i]!)),
  );
  out.add("values", Float32Array.from(values));
  if (input === "image") {
    const pixels = places.flatMap((place) => [...drawn(place, SIDE).rgb]);
    out.add("images", Uint8Array.from(pixels), [places.length, SIDE, SIDE, 3]);
  }
  const strata = group === "top" || group === "bottom" ? [] : strataOf(total);
  return {
    ...{
      unit,
      group,
      groups: TOTAL,
      first,
      total,
      strata,
      state: "ok",
      seen: 90_000,
      scale: SCALE,
      rows,
      input,
    },
    ...(input === "text" && {
      around: rows.map(({ document }): [string, string] => [
        "def before(a, b):\n    return ",
        ` # of ${document}\n\nclass After:\n    pass\n`.repeat(4),
      ]),
    }),
    ...(input === "image" && { map: { grid: [16, 16], kept: [MAP, MAP] } }),
    ...(input === "table" && { columns: COLUMNS.map(columnOf) }),
  };
}

const columnOf = (column: (typeof COLUMNS)[number]) => ({
  name: column.name,
  ends: column.kind === "number" ? [column.low, column.high] : null,
});

function strataOf(total: number) {
  return [4, 3, 2, 1, 0].map((stratum, i) => {
    return { stratum, first: (i * total) / 5, count: total / 5, low: stratum, high: stratum + 1 };
  });
}

function rowOf(input: Kind, unit: string, group: Group, place: number): ExemplarRow {
  const text = LINES[place % LINES.length]!;
  const pieces = input === "text" ? [...text.matchAll(/\s?\w+|\W/g)].map(([piece]) => piece) : [];
  const peak = input === "text" ? Math.floor(hash(`${unit} ${place}`) * pieces.length) : 3 * MAP + 3;
  return {
    key: 1000 * GROUPS.indexOf(group) + place,
    stratum: TOTAL[group] === 20 ? 4 - Math.floor(place / 4) : -1,
    rank: place,
    value: 4.75 - place / 60,
    copies: place % 7 === 3 ? 12 : 1,
    document: 17 * place,
    id: input === "text" ? `module_${place}.py` : `${input} ${place}`,
    label: input === "image" ? `digit ${place % 10}` : null,
    position: 40 + 3 * place,
    peak,
    pieces,
    values: input === "text" ? pieces.length : input === "image" ? MAP * MAP : 1,
    ...(input === "image" && { at: [8, 8] as [number, number] }),
    ...(input === "table" && { row: tableRow(place) }),
  };
}

function tableRow(place: number) {
  const cells = COLUMNS.map((column) => {
    if (column.kind === "category") return [column.name, column.values[place % 3]!];
    return [column.name, column.low + hash(`${column.name} ${place}`) * (column.high - column.low)];
  });
  return { ...TABLE_ROW, ...Object.fromEntries(cells) };
}

function shadeOf(unit: string, place: number, at: number, { peak, value }: ExemplarRow): number {
  return at === peak ? (value as number) : Math.max(0, 3 * hash(`${unit} ${place} ${at}`) - 1.5);
}

function documentOf({ key = 0, unit = "" }: Question, out: ArrayWriter) {
  const { pieces, document, id } = rowOf("text", unit, GROUPS[Math.floor(key / 1000)]!, key % 1000);
  const before = "# before\n";
  let at = before.length;
  const spans = pieces.flatMap((piece) => {
    at += piece.length;
    return [at - piece.length, at];
  });
  out.add("spans", Int32Array.from(spans), [pieces.length, 2]);
  const text = `${before}${pieces.join("")}\n# after\n`;
  return { document, id, tokens: text.length, key, text, cut: [0, text.length, text.length] };
}

function card(input: Kind, unit: string, out: ArrayWriter) {
  const bins = 40;
  const counts = Array.from({ length: bins }, (_, bin) =>
    Math.round(60_000 * Math.exp(-bin / (2 + 4 * hash(unit)))),
  );
  out.add("counts", Int32Array.from(counts));
  out.add(
    "top",
    Float32Array.from({ length: 20 }, (_, i) => 4.75 - i / 60),
  );
  out.add("bottom", new Float32Array(0));
  const things = { text: "tokens", image: "positions", table: "rows" }[input];
  return {
    ...{
      unit,
      state: "ok",
      words: `It fires at 3.1 % of 90,000 ${things}.`,
      things,
      seen: 90_000,
      nonfinite: 0,
    },
    ...{
      density: 0.031,
      density_low: 0.0299,
      density_high: 0.0322,
      mean: 0.12,
      std: 0.44,
      min: 0,
      max: 4.75,
    },
    ...{ low: 0, width: 5 / bins, site: [0, 5] },
  };
}

function related(unit: string) {
  const [site, index] = partsOf(unit);
  const outputs = (words: string[], sign: number) => words.map((word, i) => [word, (sign * 0.8) / (i + 1)]);
  return {
    unit,
    similar: [1, 5, 9].map((by, i) => [`${site}:${(index + by) % 16}`, 0.91 - i / 5]),
    promoted: outputs(['"', "'", ")"], 1),
    suppressed: outputs([" ", "\n", "="], -1),
    note: "Effects by the direct path alone, to first order.",
    reason: "",
  };
}

function find({ sites = [], order = "", count = 0 }: Question): FindAnswer {
  const site = sites[0] ?? "mlp.0";
  const rows = Array.from({ length: Math.min(count, 12) }, (_, i): FindAnswer["rows"][number] => [
    `${site}:${i}`,
    ["ok", "rare", "dead"][i % 3]!,
    0.08 / (i + 1),
    4.75 - i / 4,
  ]);
  return { total: rows.length, of: 1200, order: order || "max", columns: ["state", "density", "max"], rows };
}
