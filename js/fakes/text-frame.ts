/** Frames of an invented model of text, as the kernel would send them. */
import { itemsOf, type Range } from "../src/paint/region.ts";
import { byteOf } from "../src/paint/scale.ts";
import type { Guess, GuessesPart } from "../src/panels/guesses/wire.ts";
import type { MapPart } from "../src/panels/map/wire.ts";
import type { OverviewPart } from "../src/panels/overview/wire.ts";
import type { EditSetting } from "../src/wire/edits.ts";
import type { Ask, FrameMessage, Head, Probe, ProbeAnswer, Scale } from "../src/wire/protocol.ts";
import { VERSION } from "../src/wire/shared.ts";
import type { SiteInfo } from "../src/wire/traits.ts";
import { editedValue, editsOf, editsPart } from "./edits.ts";
import { ArrayWriter, emptyFrame, hash, partsOf } from "./frame-writer.ts";
import { textIn } from "./host.ts";

export type Token = { start: number; end: number; label?: string };

export type TextModel = {
  sites: readonly SiteInfo[];
  /** The most tokens looked at in one go. */
  context: number;
  tokens(text: string): Token[];
  /** `token` counts from the start of the whole text. */
  value(site: string, unit: number, text: string, token: number): number;
  scale(site: string, ask: Ask): Scale;
  guesses(text: string, token: number, count: number): GuessesPart;
  /** Units that the overview looks at, and the kind of its sites; all when absent. */
  overview?: { units: readonly number[]; kind: string };
  /** How many units and tokens of a bin are looked at; all when absent. */
  most?: number;
  odd?: Head["odd"];
};

type Best = { unit: number; token: number; value: number };

/** One question over one text: its window, its rows, and what is strongest in a part of them. */
class Pass {
  readonly text: string;
  readonly tokens: Token[];
  readonly first: number;
  readonly total: number;
  /** The token that is spoken of. */
  readonly at: number | null;
  /** The units of the rows, in their order. */
  readonly units: number[];

  constructor(
    readonly model: TextModel,
    readonly ask: Ask,
  ) {
    this.text = textIn(ask);
    const { focus: at } = ask.input as { focus: number };
    const all = model.tokens(this.text);
    const { context } = model;
    this.total = all.length;
    const focus = all.findIndex((token) => token.end >= at);
    const start = Math.max(0, focus) - context + 1 + (context >> 2);
    this.first = all.length > context ? Math.min(Math.max(0, start), all.length - context) : 0;
    this.tokens = all.slice(this.first, this.first + context);
    const before = this.tokens.findLastIndex((token) => token.start < at);
    const last = this.first + this.tokens.length - 1;
    this.at = this.tokens.length > 0 ? Math.min(ask.token ?? this.first + Math.max(0, before), last) : null;
    this.units = this.sorted(ask.parts.map?.units ?? this.allUnits(ask.site));
  }

  allUnits(site: string): number[] {
    const width = this.model.sites.find(({ name }) => name === site)?.width ?? 0;
    return Array.from({ length: width }, (_, unit) => unit);
  }

  /** The value of largest magnitude; `cols` count from the start of the window. */
  strongest(site: string, units: readonly number[], cols: Range): Best {
    const { most = Number.POSITIVE_INFINITY } = this.model;
    const value = (unit: number, token: number) =>
      Math.fround(this.model.value(site, unit, this.text, this.first + token));
    let best: Best = { unit: units[0] ?? 0, token: cols[0], value: value(units[0] ?? 0, cols[0]) };
    for (const unit of units.slice(0, most)) {
      for (let token = cols[0]; token < Math.min(cols[1], cols[0] + most); token++) {
        const here = value(unit, token);
        if (Math.abs(here) > Math.abs(best.value) || Number.isNaN(here)) best = { unit, token, value: here };
      }
    }
    return best;
  }

  values(unit: string): Float32Array {
    const [site, index] = partsOf(unit);
    return Float32Array.from(this.tokens, (_, i) => this.model.value(site, index, this.text, this.first + i));
  }

  private sorted(units: readonly number[]): number[] {
    const {
      site,
      parts: { map },
    } = this.ask;
    if (!map || map.order === "index") return [...units];
    const cols: Range = [0, Math.max(1, this.tokens.length)];
    const scores = new Map(units.map((unit) => [unit, Math.abs(this.strongest(site, [unit], cols).value)]));
    return [...units].sort((a, b) => scores.get(b)! - scores.get(a)!);
  }

  /** The part of rows and tokens that the map shows, and its shape in bins. */
  mapPart(): { rows: Range; cols: Range; shape: [number, number] } {
    const { rows, cols, height, width } = this.ask.parts.map!;
    const within = (range: Range | null, total: number): Range => [
      Math.max(0, range?.[0] ?? 0),
      Math.min(total, range?.[1] ?? total),
    ];
    const [high, wide] = [within(rows, this.units.length), within(cols, this.tokens.length)];
    const bins = ([from, to]: Range, most: number) => Math.min(most, Math.max(0, to - from));
    return { rows: high, cols: wide, shape: [bins(high, height), bins(wide, width)] };
  }

  /** The sites of the overview, the units looked at there, and how many bins a site has. */
  overviewPart(): { sites: string[]; units: number[]; width: number } {
    const { overview, sites } = this.model;
    const shown = sites.filter(({ kind }) => !overview || kind === overview.kind).map(({ name }) => name);
    const units = overview ? [...overview.units] : this.allUnits(shown[0] ?? "");
    return { sites: shown, units, width: Math.min(this.ask.parts.overview!.width, this.tokens.length) };
  }
}

type Compared = { before: TextModel; after: TextModel; shown: TextModel };

/** The model with the edits of a question, and what it shows of the two. */
function edited(model: TextModel, ask: Ask): Compared {
  if (ask.beside) return compared(model, ask);
  const { acting, head } = editsOf(ask);
  if (!head || acting.length === 0) return { before: model, after: model, shown: model };
  const count = model.tokens(textIn(ask)).length;
  const value: TextModel["value"] = (site, unit, text, token) =>
    editedValue((of, index, at) => model.value(of, index, text, at), acting, count)(site, unit, token);
  const after: TextModel = { ...model, value, guesses: (...about) => moved(model.guesses(...about), acting) };
  if (head.compare === "after") return { before: model, after, shown: after };
  if (head.compare === "before") return { before: model, after, shown: model };
  return { before: model, after, shown: difference(after, model) };
}

function difference(after: TextModel, before: TextModel): TextModel {
  return {
    ...after,
    value: (...of) => after.value(...of) - before.value(...of),
    scale: (site, of) => {
      const { hi, mode } = before.scale(site, of);
      return { lo: -hi, hi, mode, knee: hi * 1e-3, signed: true, pinned: false };
    },
  };
}

/** How many tokens at the beginning both texts have; all, where they are as long. */
function shared(ask: Ask): number {
  const [now, other] = [textIn(ask), textIn({ input: ask.beside! })];
  if (now.length === other.length) return now.length;
  const differs = [...now].findIndex((character, i) => character !== other[i]);
  return differs < 0 ? now.length : differs;
}

/** Another text in the place of what was before. */
function compared(model: TextModel, ask: Ask): Compared {
  const other = textIn({ input: ask.beside! });
  const before: TextModel = {
    ...model,
    value: (site, unit, _, token) =>
      token < shared(ask) ? model.value(site, unit, other, token) : Number.NaN,
  };
  if (ask.compare === "before") return { before, after: model, shown: before };
  return { before, after: model, shown: ask.compare === "difference" ? difference(model, before) : model };
}

/** What is expected moves with what is done, by an invented rule. */
function moved(guesses: GuessesPart, acting: readonly EditSetting[]): GuessesPart {
  const turn = ({ text, p }: Guess) =>
    acting.reduce((now, { unit }) => now * (0.35 + 1.3 * hash(`${unit} ${text}`)), p);
  const sum = guesses.list.reduce((all, guess) => all + turn(guess) - guess.p, 1);
  const list = guesses.list.map((guess) => ({ ...guess, p: turn(guess) / sum, was: guess.p }));
  return { ...guesses, list: list.sort((a, b) => b.p - a.p) };
}

export function textFrame(model: TextModel, ask: Ask): { message: FrameMessage; buffers: DataView[] } {
  const { before, after, shown } = edited(model, ask);
  const { acting, head } = editsOf(ask);
  const pass = new Pass(shown, ask);
  const plain = new Pass(before, ask);
  const { tokens, first, total, at } = pass;
  const out = new ArrayWriter();
  const spans = Int32Array.from(tokens.flatMap(({ start, end }) => [start, end]));
  out.add("input.spans", spans, [tokens.length, 2]);
  if (ask.unit !== null) out.add("trace.unit", pass.values(ask.unit));
  const pins = ask.pins.flatMap((pin) => [...pass.values(pin)]);
  if (ask.pins.length > 0) out.add("trace.pins", Float32Array.from(pins), [ask.pins.length, tokens.length]);
  if (shown === after && after !== before) {
    if (ask.unit !== null) out.add("trace.before", plain.values(ask.unit));
    const pinned = ask.pins.flatMap((pin) => [...plain.values(pin)]);
    if (pinned.length > 0)
      out.add("trace.pinsBefore", Float32Array.from(pinned), [ask.pins.length, tokens.length]);
  }
  const { parts } = ask;
  const map = parts.map && addMap(pass, out);
  const overview = parts.overview && addOverview(pass, out);
  if (parts.top && at !== null) addTop(pass, at - first, parts.top.most, out);
  if (ask.pad > 0) out.add("pad", new Uint8Array(ask.pad));
  const labels = tokens.flatMap(({ label }, i) => (label === undefined ? [] : [[String(i), label]]));
  const window = { start: tokens[0]?.start ?? 0, end: tokens.at(-1)?.end ?? 0, first, total };
  const input = { kind: "text", window, labels: Object.fromEntries(labels) };
  const message = emptyFrame(ask, out.arrays, input);
  message.head.token = at;
  if (head) message.head.edits = head;
  if (ask.beside) {
    const paired = Math.min(shared(ask), tokens.length);
    message.head.beside = { compare: ask.compare ?? "after", paired, of: tokens.length, problem: null };
  }
  message.head.odd = model.odd ?? { nan: 0, inf: 0 };
  message.head.ms = { model: 8.25 + tokens.length / 50, total: 11.5 + tokens.length / 50 };
  message.parts = {
    trace: {
      scale: ask.unit === null ? null : shown.scale(partsOf(ask.unit)[0], ask),
      pinScales: ask.pins.map((pin) => shown.scale(partsOf(pin)[0], ask)),
    },
    ...(map && { map }),
    ...(overview && { overview }),
    ...(parts.top && { top: {} }),
    ...(parts.guesses && {
      guesses: at === null ? null : shown.guesses(pass.text, at, parts.guesses.most),
    }),
    ...(parts.edits &&
      after !== before &&
      at !== null && {
        edits: editsPart(ask, acting, {
          sites: model.sites.filter(({ kind }) => !model.overview || kind === model.overview.kind),
          before: (site, unit, token) => before.value(site, unit, pass.text, token),
          after: (site, unit, token) => after.value(site, unit, pass.text, token),
          at,
        }),
      }),
  };
  return { message, buffers: out.buffers };
}

function addMap(pass: Pass, out: ArrayWriter): MapPart {
  const { ask, units } = pass;
  const { rows, cols, shape } = pass.mapPart();
  const scale = pass.model.scale(ask.site, ask);
  const bytes = new Uint8Array(shape[0] * shape[1]);
  const rowUnits = new Int32Array(shape[0]);
  for (let y = 0; y < shape[0]; y++) {
    const pooled = units.slice(...itemsOf(y, rows, shape[0]));
    let most = -1;
    for (let x = 0; x < shape[1]; x++) {
      const best = pass.strongest(ask.site, pooled, itemsOf(x, cols, shape[1]));
      bytes[y * shape[1] + x] = byteOf(best.value, scale);
      if (Math.abs(best.value) <= most) continue;
      most = Math.abs(best.value);
      rowUnits[y] = best.unit;
    }
  }
  out.add("map.cells", bytes, shape);
  out.add("map.units", rowUnits);
  const [site, index] = partsOf(ask.unit ?? ":");
  const place = site === ask.site ? units.indexOf(index) : -1;
  return { rows, cols, total: units.length, selected: place < 0 ? null : place, scale };
}

function addOverview(pass: Pass, out: ArrayWriter): OverviewPart {
  const { sites, units, width } = pass.overviewPart();
  const bytes = new Uint8Array(sites.length * width);
  const highs = sites.map((site, y) => {
    const sizes = Array.from({ length: width }, (_, x) =>
      Math.abs(pass.strongest(site, units, itemsOf(x, [0, pass.tokens.length], width)).value),
    );
    const high = Math.max(1e-9, ...sizes.filter(Number.isFinite));
    const scale: Scale = { lo: 0, hi: high, mode: "linear", knee: 1, signed: false, pinned: false };
    sizes.forEach((size, x) => {
      bytes[y * width + x] = byteOf(size, scale);
    });
    return high;
  });
  out.add("overview.cells", bytes, [sites.length, width]);
  return { sites, lows: highs.map(() => 0), highs };
}

function addTop(pass: Pass, token: number, top: number, out: ArrayWriter): void {
  const { site } = pass.ask;
  const value = (unit: number) => pass.strongest(site, [unit], [token, token + 1]).value;
  const best = pass.allUnits(site).sort((a, b) => Math.abs(value(b)) - Math.abs(value(a)));
  out.add("top.units", Int32Array.from(best.slice(0, top)));
  out.add("top.values", Float32Array.from(best.slice(0, top), value));
}

/** The reading of a cell of the last map or overview. */
export function textReading(model: TextModel, ask: Ask, probe: Omit<Probe, "of" | "kind">): ProbeAnswer {
  const pass = new Pass(model, ask);
  const { where, x, y, seq } = probe;
  const isMap = where === "map";
  const part = isMap ? pass.mapPart() : null;
  const overview = isMap ? null : pass.overviewPart();
  const site = overview?.sites[y] ?? ask.site;
  const rows: Range = part ? itemsOf(y, part.rows, part.shape[0]) : [0, overview!.units.length];
  const cols = part
    ? itemsOf(x, part.cols, part.shape[1])
    : itemsOf(x, [0, pass.tokens.length], overview!.width);
  const best = pass.strongest(site, (overview?.units ?? pass.units).slice(...rows), cols);
  const { value } = best;
  const spelt = Number.isFinite(value) ? value : Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  return {
    v: VERSION,
    kind: "probe",
    seq,
    where: isMap ? "map" : "overview",
    x,
    y,
    unit: `${site}:${best.unit}`,
    token: pass.first + best.token,
    value: spelt,
    units: rows[1] - rows[0],
    tokens: cols[1] - cols[0],
  };
}
