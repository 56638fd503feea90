/** A session without a kernel: a made-up model of known values answers at once, in the page. */
import { type Signal, signal } from "@preact/signals";
import { itemsOf, type Range } from "../src/paint/region.ts";
import { byteOf } from "../src/paint/scale.ts";
import type { Session, State } from "../src/session/session.ts";
import { parseUnits } from "../src/session/unit-filter.ts";
import type { Frame } from "../src/wire/frame.ts";
import type { GalleryItem, Input, Picture, Row } from "../src/wire/inputs.ts";
import type {
  ErrorAnswer,
  MapWant,
  ProbeAnswer,
  Scale,
  Selection,
  ViewSettings,
} from "../src/wire/protocol.ts";
import type { Catalog } from "../src/wire/traits.ts";

export type Value = (site: number, unit: number, token: number) => number;

export type FakeOptions = {
  text?: string;
  sites?: number;
  units?: number;
  value?: Value;
  kind?: Session["kind"];
};

/** Smooth made-up activations in about −3…5, each unit with a liking for one character class. */
export function madeUp(text: string): Value {
  return (site, unit, token) => {
    const code = text.charCodeAt(token) || 0;
    const liked = (unit * 7 + site * 3) % 29;
    const near = Math.exp(-((((code + site) % 29) - liked) ** 2) / 6);
    const wave = Math.sin(unit * 12.9898 + token * 0.7 + site) * Math.sin(unit * 0.37 + site * 2);
    return near * (2 + (unit % 5)) * (0.4 + 0.6 * Math.abs(Math.sin(unit))) + 0.5 * wave;
  };
}

export class FakeSession implements Session {
  readonly kind: Session["kind"];
  readonly text: Signal<string>;
  readonly site: Signal<string>;
  readonly unit = signal<string | null>(null);
  readonly selection = signal<Selection>({ token: null, span: null });
  readonly pins = signal<string[]>([]);
  readonly view = signal<ViewSettings>({
    order: "index",
    hold: false,
    mode: "linear",
    pinned: {},
    filter: "",
    overview: true,
  });
  readonly catalog: Signal<Catalog>;
  readonly focus = signal(0);
  readonly frame = signal<Frame | null>(null);
  readonly state = signal<State>("live");
  readonly reason = signal("");
  readonly error = signal<ErrorAnswer | null>(null);
  readonly probe = signal<ProbeAnswer | null>(null);
  readonly input = signal<Input>("");
  readonly gallery = signal<GalleryItem[]>([]);
  readonly picked: number[] = [];
  needs = {
    map: null as Omit<MapWant, "order" | "hold" | "units"> | null,
    overview: null as { width: number } | null,
    guesses: 0,
    top: 0,
  };
  /** Answer probes by hand when false. */
  answering = true;
  readonly probed: { where: string; x: number; y: number }[] = [];
  private seq = 0;
  private readonly units: number;
  private readonly value: Value | undefined;

  constructor({
    text = "def f(x):\n\treturn x",
    sites = 4,
    units = 64,
    value,
    kind = "explorer",
  }: FakeOptions = {}) {
    this.kind = kind;
    this.units = units;
    this.value = value;
    this.text = signal(text);
    this.focus.value = text.length;
    this.site = signal("mlp.0");
    this.catalog = signal<Catalog>({
      model: "made up",
      sites: Array.from({ length: sites }, (_, layer) => ({
        name: `mlp.${layer}`,
        canonical: `blocks.${layer}.mlp`,
        kind: "mlp",
        width: units,
        layer,
      })),
      context: 4096,
      causal: true,
      guesses: true,
      measure: "activation",
    });
    this.refresh();
  }

  valueAt(site: number, unit: number, token: number): number {
    return Math.fround((this.value ?? madeUp(this.text.peek()))(site, unit, token));
  }

  setInput(input: Picture | Row): void {
    this.input.value = input;
  }
  askGallery(): void {}
  pick(index: number): void {
    this.picked.push(index);
  }
  edit(text: string, cursor: number): void {
    this.text.value = text;
    this.focus.value = cursor;
    this.refresh();
  }
  moveCursor(offset: number): void {
    this.focus.value = offset;
    this.refresh();
  }
  setSite(name: string): void {
    this.site.value = name;
    this.refresh();
  }
  setUnit(unit: string | null): void {
    if (unit !== null) this.site.value = unit.split(":")[0]!;
    this.unit.value = unit;
    this.refresh();
  }
  setToken(token: number | null): void {
    this.selection.value = { token, span: token === null ? null : [token, token + 1] };
    this.refresh();
  }
  mark(start: number, end: number): void {
    this.selection.value = { token: null, span: [start, end] };
    this.refresh();
  }
  togglePin(unit: string): void {
    const pins = this.pins.peek();
    this.pins.value = pins.includes(unit) ? pins.filter((pin) => pin !== unit) : [...pins, unit];
    this.refresh();
  }
  setView(patch: Partial<ViewSettings>): void {
    this.view.value = { ...this.view.peek(), ...patch };
    this.refresh();
  }
  need(part: string, want: unknown): void {
    const before = JSON.stringify(this.needs);
    this.needs = { ...this.needs, [part]: want };
    if (JSON.stringify(this.needs) !== before) this.refresh();
  }
  probeAt(where: "map" | "overview", x: number, y: number): void {
    this.probed.push({ where, x, y });
    if (this.answering) this.probe.value = this.answerTo(where, x, y);
  }
  endProbe(): void {
    this.probe.value = null;
  }
  refresh(): void {
    if (this.state.peek() === "no-kernel") return;
    this.frame.value = this.makeFrame();
  }

  answerTo(where: "map" | "overview", x: number, y: number): ProbeAnswer {
    const frame = this.frame.peek()!;
    const tokens = frame.spans.length / 2;
    const shape = (where === "map" ? frame.mapShape : frame.overviewShape)!;
    const site = where === "map" ? this.siteIndex() : y;
    const all = where === "map" ? this.rowUnits() : Array.from({ length: this.units }, (_, i) => i);
    const rows: Range = where === "map" ? itemsOf(y, frame.header.map!.rows, shape[0]) : [0, this.units];
    const cols = itemsOf(x, where === "map" ? frame.header.map!.cols : [0, tokens], shape[1]);
    const best = this.strongest(site, all.slice(rows[0], rows[1]), cols);
    return {
      v: 1,
      kind: "probe",
      seq: ++this.seq,
      where,
      x,
      y,
      unit: `mlp.${site}:${best.unit}`,
      token: best.token,
      value: Number.isFinite(best.value) ? best.value : Number.isNaN(best.value) ? "nan" : "inf",
      units: rows[1] - rows[0],
      tokens: cols[1] - cols[0],
    };
  }

  private selectedRow(): number | null {
    const [site, index] = (this.unit.peek() ?? ":").split(":");
    const row = site === this.site.peek() ? this.rowUnits().indexOf(Number(index)) : -1;
    return row < 0 ? null : row;
  }

  private siteIndex(): number {
    return Number(this.site.peek().split(".")[1]);
  }

  private strongest(site: number, units: number[], cols: Range) {
    let best = { unit: units[0] ?? 0, token: cols[0], value: this.valueAt(site, units[0] ?? 0, cols[0]) };
    for (const unit of units) {
      for (let token = cols[0]; token < cols[1]; token++) {
        const value = this.valueAt(site, unit, token);
        if (Math.abs(value) > Math.abs(best.value) || Number.isNaN(value)) best = { unit, token, value };
      }
    }
    return best;
  }

  /** The units of the rows, in their order. */
  private rowUnits(): number[] {
    const { order, filter } = this.view.peek();
    const { units } = parseUnits(filter, this.units);
    const kept = units ?? Array.from({ length: this.units }, (_, i) => i);
    if (order === "index") return kept;
    const tokens: Range = [0, Math.max(1, this.text.peek().length)];
    const score = new Map(
      kept.map((unit) => [unit, Math.abs(this.strongest(this.siteIndex(), [unit], tokens).value)]),
    );
    return kept.sort((a, b) => score.get(b)! - score.get(a)!);
  }

  private makeFrame(): Frame {
    const text = this.text.peek();
    const tokens = text.length;
    const site = this.siteIndex();
    const units = this.rowUnits();
    const row = (name: string): Float32Array => {
      const [where, unit] = [Number(/\.(\d+):/.exec(name)![1]), Number(name.split(":")[1])];
      return Float32Array.from({ length: tokens }, (_, token) => this.valueAt(where, unit, token));
    };
    const { mode, pinned } = this.view.peek();
    const scaleOf = (name: string): Scale => {
      const ends = pinned[name];
      const [lo, hi] = ends ?? [-7.5, 7.5];
      return { lo, hi, mode, knee: hi * 1e-3, signed: lo < 0, pinned: ends !== undefined };
    };
    const scale = scaleOf(this.site.peek());
    const spans = Int32Array.from({ length: 2 * tokens }, (_, i) => (i >> 1) + (i & 1));
    const wanted = this.selection.peek().token ?? Math.min(tokens - 1, Math.max(0, this.focus.peek() - 1));
    const token = tokens > 0 ? Math.min(wanted, tokens - 1) : null;
    const map = this.makeMap(site, units, tokens, scale);
    const overview = this.makeOverview(tokens);
    const top = Array.from({ length: this.units }, (_, i) => i)
      .sort(
        (a, b) => Math.abs(this.valueAt(site, b, token ?? 0)) - Math.abs(this.valueAt(site, a, token ?? 0)),
      )
      .slice(0, token === null ? 0 : this.needs.top);
    const unit = this.unit.peek();
    const pins = this.pins.peek();
    return {
      header: {
        v: 1,
        kind: "frame",
        seq: ++this.seq,
        site: this.site.peek(),
        unit,
        pins,
        window: { start: 0, end: tokens, first: 0, total: tokens },
        labels: {},
        token,
        scale: unit === null ? null : scaleOf(unit.split(":")[0]!),
        pinScales: pins.map((pin) => scaleOf(pin.split(":")[0]!)),
        map: map?.header ?? null,
        overview: overview?.header ?? null,
        guesses: this.makeGuesses(text, token),
        odd: { nan: 0, inf: 0 },
        ms: { model: 12.3, total: 15.1 },
        reused: 0,
        arrays: [],
      },
      text,
      spans,
      unit: unit === null ? null : row(unit),
      pins: pins.length > 0 ? Float32Array.from(pins.flatMap((pin) => [...row(pin)])) : null,
      map: map?.bytes ?? null,
      mapUnits: map?.units ?? null,
      mapShape: map?.shape ?? null,
      overview: overview?.bytes ?? null,
      overviewShape: overview?.shape ?? null,
      topUnits: Int32Array.from(top),
      topValues: Float32Array.from(top, (one) => this.valueAt(site, one, token ?? 0)),
    };
  }

  private makeMap(site: number, units: number[], tokens: number, scale: Scale) {
    const want = this.needs.map;
    if (want === null) return null;
    const rows: Range = [
      Math.max(0, want.rows?.[0] ?? 0),
      Math.min(units.length, want.rows?.[1] ?? units.length),
    ];
    const cols: Range = [Math.max(0, want.cols?.[0] ?? 0), Math.min(tokens, want.cols?.[1] ?? tokens)];
    const shape: [number, number] = [
      Math.min(want.height, rows[1] - rows[0]),
      Math.min(want.width, Math.max(0, cols[1] - cols[0])),
    ];
    const bytes = new Uint8Array(shape[0] * shape[1]);
    const labels = new Int32Array(shape[0]);
    for (let y = 0; y < shape[0]; y++) {
      const pooled = units.slice(...itemsOf(y, rows, shape[0]));
      let most = -1;
      for (let x = 0; x < shape[1]; x++) {
        const best = this.strongest(site, pooled, itemsOf(x, cols, shape[1]));
        bytes[y * shape[1] + x] = byteOf(best.value, scale);
        if (Math.abs(best.value) > most) {
          most = Math.abs(best.value);
          labels[y] = best.unit;
        }
      }
    }
    return {
      header: { rows, cols, total: units.length, selected: this.selectedRow(), scale },
      bytes,
      shape,
      units: labels,
    };
  }

  private makeOverview(tokens: number) {
    const want = this.needs.overview;
    if (want === null) return null;
    const sites = this.catalog.peek().sites.map(({ name }) => name);
    const shape: [number, number] = [sites.length, Math.min(want.width, tokens)];
    const bytes = new Uint8Array(shape[0] * shape[1]);
    const units = Array.from({ length: this.units }, (_, i) => i);
    const highs = sites.map((_, y) => {
      const row = Array.from({ length: shape[1] }, (_, x) =>
        Math.abs(this.strongest(y, units, itemsOf(x, [0, tokens], shape[1])).value),
      );
      const high = Math.max(1e-9, ...row);
      const scale: Scale = { lo: 0, hi: high, mode: "linear", knee: 1, signed: false, pinned: false };
      row.forEach((value, x) => {
        bytes[y * shape[1] + x] = byteOf(value, scale);
      });
      return high;
    });
    return { header: { sites, lows: highs.map(() => 0), highs }, bytes, shape };
  }

  private makeGuesses(text: string, token: number | null) {
    if (this.needs.guesses === 0 || token === null) return null;
    const list = [..." \ne\tt_a(0".slice(0, this.needs.guesses)].map((guess, i) => ({
      text: guess,
      p: 0.5 ** (i + 1),
    }));
    const next = text[token + 1];
    const place = list.findIndex((guess) => guess.text === next);
    const actual =
      next === undefined
        ? null
        : { text: next, p: list[place]?.p ?? 0.0004, rank: place < 0 ? 31 : place + 1 };
    return { list, actual };
  }
}
