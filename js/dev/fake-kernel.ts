/**
 * A kernel in the page: answers with frames of an invented model, so that views can be looked at without Jupyter.
 *
 * The numbers come from a hash and a few rules (a unit for quotes, one for the column …); they only have to look like
 * something and to be the same each time.
 */

import { byteOf } from "../src/paint/scale.ts";
import type { Ask, FrameHeader, Probe, Scale, ToKernel } from "../src/wire/protocol.ts";
import type { Traits } from "../src/wire/traits.ts";

export type FakeSetting = Partial<Traits> & {
  tokens?: "characters" | "words" | "bytes";
  bos?: boolean;
  context?: number;
  nan?: boolean;
  /** The model raises while the text has this in it. */
  failOn?: string;
  silent?: boolean;
  /** Milliseconds a pass takes. */
  delay?: number;
};

const SITES = [0, 1, 2, 3].flatMap((layer) => [
  { name: `mlp.${layer}`, canonical: `blocks.${layer}.mlp`, kind: "mlp", width: 512, layer },
  { name: `resid.${layer}`, canonical: `blocks.${layer}`, kind: "resid", width: 192, layer },
]);

type Listener = (...args: unknown[]) => void;
type Token = { start: number; end: number; label?: string };

export class FakeKernel {
  readonly sent: ToKernel[] = [];
  private readonly traits: Record<string, unknown>;
  private readonly listeners = new Map<string, Set<Listener>>();

  constructor(private readonly setting: FakeSetting) {
    this.traits = {
      layout_kind: "explorer",
      input: "",
      site: "mlp.2",
      unit: null,
      selection: { token: null, span: null },
      pins: [],
      view: { order: "index", hold: false, mode: "linear", pinned: {}, filter: "", overview: true },
      snapshot: "",
      catalog: {
        model: "invented",
        sites: SITES,
        context: setting.context ?? 512,
        causal: true,
        guesses: true,
        measure: "activation",
      },
      ...setting,
    };
  }

  /** What the page gets: as anywidget's model. */
  readonly model = {
    get: (name: string) => this.traits[name],
    set: (name: string, value: unknown) => {
      this.traits[name] = value;
      this.emit(`change:${name}`);
    },
    send: (content: unknown) => {
      const message = structuredClone(content) as ToKernel;
      setTimeout(() => this.take(message), 0);
    },
    on: (name: string, listener: Listener) => {
      if (!this.listeners.has(name)) this.listeners.set(name, new Set());
      this.listeners.get(name)!.add(listener);
    },
    off: (name?: string | null, listener?: Listener | null) => {
      if (name && listener) this.listeners.get(name)?.delete(listener);
    },
  };

  private emit(name: string, ...args: unknown[]): void {
    for (const listener of this.listeners.get(name) ?? []) listener(...args);
  }

  private answer(message: object, buffers: DataView[] = []): void {
    setTimeout(() => this.emit("msg:custom", { v: 1, ...message }, buffers), 2 + (this.setting.delay ?? 0));
  }

  private take(message: ToKernel): void {
    this.sent.push(message);
    if (this.setting.silent) return;
    if (message.kind === "hello") this.answer({ kind: "ready" });
    if (message.kind === "echo") this.answer({ kind: "echo", id: message.id });
    if (message.kind === "ask") this.pass(message);
    if (message.kind === "probe") this.probe(message);
  }

  private last: { ask: Ask; units: number[]; first: number; count: number } | null = null;

  private probe({ seq, where, x, y }: Probe): void {
    if (!this.last) return;
    const { ask, units, first, count } = this.last;
    const cols = ask.map?.cols ?? [0, count];
    const wide = Math.min(ask.map?.width ?? count, cols[1] - cols[0]);
    const token = first + cols[0] + Math.floor((x * (cols[1] - cols[0])) / wide);
    const rows = ask.map?.rows ?? [0, units.length];
    const high = Math.min(ask.map?.height ?? units.length, rows[1] - rows[0]);
    const perRow = (rows[1] - rows[0]) / high;
    const site = where === "map" ? ask.site : SITES[y]!.name;
    const unit = where === "map" ? units[rows[0] + Math.floor(y * perRow)]! : 0;
    const value = this.value(site, unit, ask.text, first + token);
    const spell = Number.isFinite(value) ? value : ("nan" as const);
    this.answer({
      kind: "probe",
      seq,
      where,
      x,
      y,
      unit: `${site}:${unit}`,
      token,
      value: spell,
      units: Math.ceil(perRow),
      tokens: Math.ceil((cols[1] - cols[0]) / wide),
    });
  }

  private pass(ask: Ask): void {
    const fail = this.setting.failOn;
    if (fail && ask.text.includes(fail)) {
      const message = `RuntimeError: the expanded size of the tensor (${ask.text.length}) must match the existing size`;
      this.answer({
        kind: "error",
        seq: ask.seq,
        message,
        hint: "The model raised this in blocks.2.mlp. Try a shorter text.",
      });
      return;
    }
    const all = this.tokenise(ask.text);
    const context = this.setting.context ?? 512;
    let first = 0;
    if (all.length > context) {
      const at = Math.max(
        0,
        all.findIndex((token) => token.end >= ask.focus),
      );
      first = Math.min(Math.max(0, at - context + 1 + (context >> 2)), all.length - context);
    }
    const tokens = all.slice(first, first + context);
    const at =
      ask.token ??
      first +
        Math.max(
          0,
          tokens.findLastIndex((token) => token.start < ask.focus),
        );
    this.reply(ask, all, tokens, first, tokens.length > 0 ? at : null);
  }

  private reply(ask: Ask, all: Token[], tokens: Token[], first: number, at: number | null): void {
    const arrays: { name: string; dtype: "u8" | "i32" | "f32"; shape: number[] }[] = [];
    const buffers: DataView[] = [];
    const add = (name: string, data: Uint8Array | Int32Array | Float32Array, shape: number[]) => {
      const dtype = data instanceof Uint8Array ? "u8" : data instanceof Int32Array ? "i32" : "f32";
      arrays.push({ name, dtype, shape });
      buffers.push(new DataView(data.buffer, data.byteOffset, data.byteLength));
    };
    const n = tokens.length;
    const row = (site: string, unit: number) =>
      Float32Array.from(tokens, (_, i) => this.value(site, unit, ask.text, first + i));
    add("spans", Int32Array.from(tokens.flatMap(({ start, end }) => [start, end])), [n, 2]);
    if (ask.unit) add("unit", row(...split(ask.unit)), [n]);
    const pins = new Float32Array(ask.pins.length * n);
    ask.pins.forEach((pin, i) => {
      pins.set(row(...split(pin)), i * n);
    });
    if (ask.pins.length > 0) add("pins", pins, [ask.pins.length, n]);

    let map: FrameHeader["map"] = null;
    const width = SITES.find((site) => site.name === ask.site)?.width ?? 0;
    const strength = (unit: number) => Math.abs(this.value(ask.site, unit, ask.text, at ?? 0));
    const units = ask.map?.units ?? Array.from({ length: width }, (_, i) => i);
    if (ask.map?.order === "strength") units.sort((a, b) => strength(b) - strength(a));
    if (ask.map) {
      const rows = ask.map.rows ?? [0, units.length];
      const cols = ask.map.cols ?? [0, n];
      const scale = this.scale(ask.site, ask);
      const high = Math.min(ask.map.height, rows[1] - rows[0]);
      const wide = Math.min(ask.map.width, cols[1] - cols[0]);
      const bytes = new Uint8Array(high * wide);
      const rowUnits = new Int32Array(high);
      for (let y = 0; y < high; y++) {
        rowUnits[y] = units[rows[0] + Math.floor((y * (rows[1] - rows[0])) / high)]!;
        for (let x = 0; x < wide; x++) {
          const token = cols[0] + Math.floor((x * (cols[1] - cols[0])) / wide);
          bytes[y * wide + x] = byteOf(this.value(ask.site, rowUnits[y]!, ask.text, first + token), scale);
        }
      }
      add("map", bytes, [high, wide]);
      add("map_units", rowUnits, [high]);
      const chosen = ask.unit?.split(":") ?? [];
      const place = chosen[0] === ask.site ? units.indexOf(Number(chosen[1])) : -1;
      map = { rows, cols, total: units.length, selected: place < 0 ? null : place, scale };
    }
    let overview: FrameHeader["overview"] = null;
    if (ask.overview) {
      const names = SITES.filter((site) => site.kind === "mlp").map((site) => site.name);
      const wide = Math.min(ask.overview.width, n);
      const bytes = new Uint8Array(names.length * wide);
      names.forEach((name, y) => {
        for (let x = 0; x < wide; x++) {
          const token = Math.floor((x * n) / wide);
          const value = Math.max(
            ...[1, 2, 3, 17, 40].map((u) => Math.abs(this.value(name, u, ask.text, first + token)) || 0),
          );
          bytes[y * wide + x] = byteOf(value, { ...this.scale(name, ask), lo: 0, signed: false });
        }
      });
      add("overview", bytes, [names.length, wide]);
      overview = { sites: names, lows: names.map(() => 0), highs: names.map(() => 4) };
    }
    if (ask.top > 0 && at !== null) {
      const best = Array.from({ length: width }, (_, i) => i)
        .sort((a, b) => strength(b) - strength(a))
        .slice(0, ask.top);
      add("top_units", Int32Array.from(best), [best.length]);
      const values = best.map((unit) => this.value(ask.site, unit, ask.text, at));
      add("top_values", Float32Array.from(values), [best.length]);
    }
    if (ask.pad > 0) add("pad", new Uint8Array(ask.pad), [ask.pad]);
    const window = {
      start: tokens[0]?.start ?? 0,
      end: tokens[n - 1]?.end ?? 0,
      first,
      total: all.length,
    };
    const labels: Record<string, string> = {};
    tokens.forEach((token, i) => {
      if (token.label) labels[i] = token.label;
    });
    const header: FrameHeader = {
      v: 1,
      kind: "frame",
      seq: ask.seq,
      site: ask.site,
      unit: ask.unit,
      pins: ask.pins,
      window,
      labels,
      token: at,
      scale: ask.unit ? this.scale(split(ask.unit)[0], ask) : null,
      pinScales: ask.pins.map((pin) => this.scale(split(pin)[0], ask)),
      map,
      overview,
      guesses: ask.guesses > 0 ? this.guesses(ask) : null,
      odd: { nan: this.setting.nan ? 12 : 0, inf: this.setting.nan ? 1 : 0 },
      ms: { model: 8.25 + n / 50, total: 11.5 + n / 50 },
      reused: Math.max(0, n - 8),
      arrays,
    };
    this.last = { ask, units, first, count: n };
    this.answer(header, buffers);
  }

  private guesses(ask: Ask): FrameHeader["guesses"] {
    const list = ["e", "\n", " ", "self", "(", "</script>", "“", "\t", "x", "1"]
      .slice(0, ask.guesses)
      .map((text, i) => ({ text, p: 0.42 / (i + 1) ** 1.5 }));
    return { list, actual: { text: "e", p: 0.42, rank: 0 } };
  }

  private scale(site: string, ask: Ask): Scale {
    const signed = site.startsWith("resid");
    const ends = ask.pinned ?? (signed ? [-4, 4] : [0, 4]);
    return { lo: ends[0]!, hi: ends[1]!, mode: ask.mode, knee: 0.1, signed, pinned: ask.pinned !== null };
  }

  private value(site: string, unit: number, text: string, token: number): number {
    const offset = this.tokenise(text)[token]?.start ?? 0;
    const character = text.charCodeAt(offset) || 0;
    const noise = hash(`${site}:${unit}:${character}:${text.charCodeAt(offset - 1)}`);
    if (this.setting.nan && unit === 17 && noise > 0.85)
      return noise > 0.95 ? Number.POSITIVE_INFINITY : Number.NaN;
    if (site.startsWith("resid")) return (noise - 0.5) * 8 * hash(`${unit}`);
    const quotes = text.slice(0, offset).split('"').length - 1;
    if (unit === 17) return quotes % 2 === 1 ? 2.4 + noise : noise * 0.3;
    if (unit === 3) return Math.min(4, (offset - text.lastIndexOf("\n", offset - 1)) / 12);
    if (unit === 40) return character === 32 ? 3.2 : 0;
    return Math.max(0, noise * 5 - 3.4);
  }

  private readonly cache = new Map<string, Token[]>();

  private tokenise(text: string): Token[] {
    let tokens = this.cache.get(text);
    if (tokens) return tokens;
    tokens = this.setting.bos ? [{ start: 0, end: 0, label: "<bos>" }] : [];
    const pattern =
      this.setting.tokens === "words" ? /\s?[\p{L}\p{N}]{1,6}|\s+|[^\s\p{L}\p{N}]/gu : /[\s\S]/gu;
    for (const match of text.matchAll(pattern)) {
      const token = { start: match.index, end: match.index + match[0].length };
      const bytes = new TextEncoder().encode(match[0]).length;
      for (let i = 0; i < (this.setting.tokens === "bytes" ? bytes : 1); i++) tokens.push(token);
    }
    this.cache.set(text, tokens);
    return tokens;
  }
}

function split(unit: string): [site: string, index: number] {
  const colon = unit.lastIndexOf(":");
  return [unit.slice(0, colon), Number(unit.slice(colon + 1))];
}

/** 0…1, the same for the same words. */
function hash(words: string): number {
  let h = 2166136261;
  for (let i = 0; i < words.length; i++) h = Math.imul(h ^ words.charCodeAt(i), 16777619);
  h = Math.imul(h ^ (h >>> 15), 2246822507);
  return ((h ^ (h >>> 13)) >>> 0) / 4294967296;
}
