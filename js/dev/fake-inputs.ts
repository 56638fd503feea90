/** A kernel in the page for models of pictures and tables: invented sites over what is really in the picture or row. */

import { byteOf } from "../src/paint/scale.ts";
import type { Picture, Row } from "../src/wire/inputs.ts";
import type { Ask, FrameHeader, Probe, Scale, ToKernel } from "../src/wire/protocol.ts";
import type { Catalog, Column, SiteInfo, Traits } from "../src/wire/traits.ts";

type Listener = (...args: unknown[]) => void;
type Setting = Partial<Traits> & { silent?: boolean; gallery?: number; size?: number };

const site = (name: string, width: number, layer: number): SiteInfo => ({
  name,
  canonical: `layers.${layer}`,
  kind: name.split(".")[0]!,
  width,
  layer,
});
const GRIDS: Record<string, [number, number] | null> = { "conv.0": [16, 16], "conv.1": [7, 7] };

/** A drawn digit or two, so that there is something to see. */
export function drawn(which: number, size: number): Picture {
  const rgb = new Uint8Array(3 * size * size);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [u, v] = [(2 * (x + 0.5)) / size - 1, (2 * (y + 0.5)) / size - 1];
      const ring = Math.abs(Math.hypot(u, v * (0.7 + 0.05 * (which % 5))) - 0.55);
      const bar = Math.abs(u * Math.cos(which) + v * Math.sin(which));
      const ink = Math.max(0, 1 - 5 * (which % 3 === 0 ? ring : which % 3 === 1 ? bar : Math.min(ring, bar)));
      const tint = [1, which % 4 === 3 ? 0.5 : 1, which % 5 === 4 ? 0.3 : 1];
      for (let c = 0; c < 3; c++) rgb[3 * (y * size + x) + c] = Math.min(255, 300 * ink * tint[c]!);
    }
  }
  return { width: size, height: size, rgb };
}

const COLUMNS: Column[] = [
  ..."mean radius,mean texture,mean perimeter,mean area,mean smoothness,mean compactness,worst radius,worst texture,worst area,worst concave points,symmetry error"
    .split(",")
    .map((name, i): Column => {
      const high = [28, 40, 190, 2500, 0.16, 0.35, 36, 50, 4250, 0.29, 0.08][i]!;
      const histogram = Array.from({ length: 24 }, (_, b) =>
        Math.exp(-((b - 7 - (i % 4)) ** 2) / (8 + 4 * (i % 3))),
      );
      return { name, kind: "number", low: high / 6, high, histogram, step: high / 500 };
    }),
  { name: "side", kind: "category", values: ["left", "right", "unknown"] },
];

export class FakeInputs {
  readonly sent: ToKernel[] = [];
  private readonly traits: Record<string, unknown>;
  private readonly listeners = new Map<string, Set<Listener>>();
  private picture: Picture;
  private row: Row = {};
  private readonly isTable: boolean;
  private last: Ask | null = null;

  constructor(
    kind: string,
    private readonly setting: Setting = {},
  ) {
    this.isTable = kind === "table";
    const size = setting.size ?? 28;
    this.picture = drawn(5, size);
    const sites = this.isTable
      ? [site("dense.0", 32, 0), site("dense.1", 16, 1)]
      : [site("conv.0", 16, 0), site("conv.1", 32, 1), site("dense.0", 64, 2)];
    const catalog: Catalog = {
      model: this.isTable ? "invented table" : "invented pictures",
      sites,
      context: 1,
      causal: false,
      guesses: false,
      measure: "activation",
      input: this.isTable
        ? { kind: "table", columns: COLUMNS, classes: ["malignant", "benign"] }
        : {
            kind: "image",
            width: size,
            height: size,
            channels: 3,
            classes: [..."0123456789"],
            gallery: setting.gallery ?? 24,
          },
    };
    this.traits = {
      layout_kind: "explorer",
      input: this.isTable
        ? Object.fromEntries(COLUMNS.map((c) => [c.name, c.kind === "number" ? c.low * 2.5 : "left"]))
        : this.picture,
      site: sites[0]!.name,
      unit: `${sites[0]!.name}:3`,
      selection: { token: null, span: null },
      pins: [],
      view: { order: "index", hold: false, mode: "linear", pinned: {}, filter: "", overview: true },
      snapshot: "",
      catalog,
      ...setting,
    };
  }

  readonly model = {
    get: (name: string) => this.traits[name],
    set: (name: string, value: unknown) => {
      this.traits[name] = value;
      for (const listener of this.listeners.get(`change:${name}`) ?? []) listener();
    },
    send: (content: unknown, _?: unknown, buffers: ArrayBuffer[] = []) => {
      const message = structuredClone(content) as ToKernel;
      setTimeout(() => this.take(message, buffers), 0);
    },
    on: (name: string, listener: Listener) => {
      if (!this.listeners.has(name)) this.listeners.set(name, new Set());
      this.listeners.get(name)!.add(listener);
    },
    off: (name?: string | null, listener?: Listener | null) => {
      if (name && listener) this.listeners.get(name)?.delete(listener);
    },
  };

  private answer(message: object, buffers: DataView[] = []): void {
    setTimeout(() => {
      for (const listener of this.listeners.get("msg:custom") ?? []) listener({ v: 1, ...message }, buffers);
    }, 3);
  }

  private take(message: ToKernel, buffers: ArrayBuffer[]): void {
    this.sent.push(message);
    if (this.setting.silent) return;
    if (message.kind === "hello") this.answer({ kind: "ready" });
    if (message.kind === "echo") this.answer({ kind: "echo", id: message.id });
    if (message.kind === "gallery") this.gallery();
    if (message.kind === "pick") this.model.set("input", drawn(message.index, this.setting.size ?? 28));
    if (message.kind === "probe") this.probe(message);
    if (message.kind === "ask") {
      if (message.image) this.picture = { ...message.image, rgb: new Uint8Array(buffers[0]!) };
      if (message.row) this.row = message.row;
      this.last = message;
      this.reply(message);
    }
  }

  private gallery(): void {
    const items = Array.from({ length: 24 }, (_, i) => ({ label: `digit ${i % 10}`, ...drawn(i, 28) }));
    this.answer(
      { kind: "gallery", items: items.map(({ label, width, height }) => ({ label, width, height })) },
      items.map(({ rgb }) => new DataView(rgb.buffer)),
    );
  }

  private probe({ seq, x, y }: Probe): void {
    const grid = GRIDS[this.last?.site ?? ""] ?? [1, 1];
    const cell = 32 / grid[0];
    const box = [x, y, x + 1, y + 1].map((at, i) => Math.round(at * cell + (i < 2 ? -2 : 2)));
    this.answer({
      kind: "probe",
      seq,
      unit: this.last?.unit,
      token: y * grid[1] + x,
      value: 0,
      units: 1,
      tokens: 1,
      box,
    });
  }

  /** Light of the picture around a place: what the invented filters see. */
  private light(u: number, v: number): number {
    const { width, height, rgb } = this.picture;
    const x = Math.min(width - 1, Math.max(0, Math.floor(u * width)));
    const y = Math.min(height - 1, Math.max(0, Math.floor(v * height)));
    const at = 3 * (y * width + x);
    return (rgb[at]! + rgb[at + 1]! + rgb[at + 2]!) / 765;
  }

  private values(name: string, unit: number): Float32Array {
    const grid = GRIDS[name];
    if (!grid) return Float32Array.of(this.flat(name, unit, this.row));
    const angle = unit * 2.4;
    const reach = 0.06 + 0.02 * (unit % 3);
    return Float32Array.from({ length: grid[0] * grid[1] }, (_, i) => {
      const [u, v] = [((i % grid[1]) + 0.5) / grid[1], (Math.floor(i / grid[1]) + 0.5) / grid[0]];
      const [dx, dy] = [reach * Math.cos(angle), reach * Math.sin(angle)];
      const value =
        3 * (this.light(u + dx, v + dy) - this.light(u - dx, v - dy)) +
        (unit % 5 === 0 ? this.light(u, v) : 0);
      return name === "conv.1" ? Math.max(0, value) : value;
    });
  }

  private flat(name: string, unit: number, row: Row): number {
    if (!this.isTable) {
      let sum = 0;
      for (let i = 0; i < 9; i++)
        sum += Math.sin(unit * (i + 1)) * this.light((i % 3) / 3 + 0.17, Math.floor(i / 3) / 3 + 0.17);
      return Math.max(0, 3 * sum);
    }
    let sum = name === "dense.1" ? 0.3 : -0.2;
    COLUMNS.forEach((column, i) => {
      const value = row[column.name] ?? 0;
      const x =
        column.kind === "number"
          ? ((value as number) - column.low) / (column.high - column.low) - 0.4
          : column.values.indexOf(value as string) - 1;
      sum += Math.sin(unit * 1.7 + i * 2.1) * x;
    });
    return Math.max(0, 2 * sum);
  }

  private classes(row: Row): number[] {
    if (this.isTable) {
      const p = 1 / (1 + Math.exp(-4 * (this.flat("dense.1", 2, row) - this.flat("dense.1", 5, row))));
      return [p, 1 - p];
    }
    const scores = Array.from({ length: 10 }, (_, i) => Math.exp(this.flat("dense.0", 7 * i, row)));
    const sum = scores.reduce((a, b) => a + b);
    return scores.map((score) => score / sum);
  }

  private reply(ask: Ask): void {
    const arrays: FrameHeader["arrays"] = [];
    const buffers: DataView[] = [];
    const add = (name: string, data: Uint8Array | Int32Array | Float32Array, shape: number[]) => {
      const dtype = data instanceof Uint8Array ? "u8" : data instanceof Int32Array ? "i32" : "f32";
      arrays.push({ name, dtype, shape });
      buffers.push(new DataView(data.buffer, data.byteOffset, data.byteLength));
    };
    const parts = (name: string): [string, number] => [name.split(":")[0]!, Number(name.split(":")[1])];
    const grid = GRIDS[ask.site] ?? null;
    const width = (this.traits.catalog as Catalog).sites.find(({ name }) => name === ask.site)!.width;
    const scale = (name: string): Scale => {
      const signed = name === "conv.0";
      return { lo: signed ? -3 : 0, hi: 3, mode: ask.mode, knee: 0.05, signed, pinned: false };
    };
    const peak = (values: Float32Array) => values.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
    const units = Array.from({ length: width }, (_, unit) => ({ unit, values: this.values(ask.site, unit) }))
      .map((one) => ({ ...one, peak: peak(one.values) }))
      .sort((a, b) => Math.abs(b.peak) - Math.abs(a.peak));
    if (ask.unit) {
      const values = this.values(...parts(ask.unit));
      add("unit", values, [values.length]);
    }
    ask.pins.forEach((pin, i) => {
      const values = this.values(...parts(pin));
      add(`pin_${i}`, values, [values.length]);
    });
    if (ask.tiles && grid) {
      const top = units.slice(0, ask.tiles.count);
      add(
        "tiles",
        Uint8Array.from(top.flatMap(({ values }) => [...values].map((x) => byteOf(x, scale(ask.site))))),
        [top.length, ...grid],
      );
      add(
        "tile_units",
        Int32Array.from(top, ({ unit }) => unit),
        [top.length],
      );
      add(
        "tile_values",
        Float32Array.from(top, (one) => one.peak),
        [top.length],
      );
    }
    if (ask.top > 0) {
      const top = units.slice(0, ask.top);
      add(
        "top_units",
        Int32Array.from(top, ({ unit }) => unit),
        [top.length],
      );
      add(
        "top_values",
        Float32Array.from(top, (one) => one.peak),
        [top.length],
      );
    }
    if (!this.isTable) {
      const seen = Uint8Array.from(
        { length: 3 * 32 * 32 },
        (_, i) => 255 * this.light(((Math.floor(i / 3) % 32) + 0.5) / 32, (Math.floor(i / 96) + 0.5) / 32),
      );
      add("seen", seen, [32, 32, 3]);
    }
    let sweep: FrameHeader["sweep"] = null;
    if (ask.sweep) {
      const column = COLUMNS.find(({ name }) => name === ask.sweep!.column)!;
      const n = ask.sweep.points;
      const xs =
        column.kind === "category"
          ? column.values
          : Array.from({ length: n }, (_, i) => column.low + (i / (n - 1)) * (column.high - column.low));
      const rows = xs.map((x) => ({ ...this.row, [column.name]: x }));
      sweep = { column: column.name, xs };
      if (ask.unit)
        add(
          "sweep_unit",
          Float32Array.from(rows, (row) => this.flat(...parts(ask.unit!), row)),
          [xs.length],
        );
      if (ask.pins.length > 0)
        add(
          "sweep_pins",
          Float32Array.from(ask.pins.flatMap((pin) => rows.map((row) => this.flat(...parts(pin), row)))),
          [ask.pins.length, xs.length],
        );
      add("sweep_classes", Float32Array.from(rows.flatMap((row) => this.classes(row))), [xs.length, 2]);
    }
    const catalog = this.traits.catalog as Catalog;
    const header: FrameHeader = {
      v: 1,
      kind: "frame",
      seq: ask.seq,
      input: this.isTable ? "table" : "image",
      site: ask.site,
      unit: ask.unit,
      pins: ask.pins,
      window: { start: 0, end: 0, first: 0, total: 1 },
      labels: {},
      token: null,
      scale: scale(ask.unit ? parts(ask.unit)[0] : ask.site),
      siteScale: scale(ask.site),
      pinScales: ask.pins.map((pin) => scale(parts(pin)[0])),
      pinGrids: ask.pins.map((pin) => GRIDS[parts(pin)[0]] ?? null),
      grid,
      unitGrid: (ask.unit && GRIDS[parts(ask.unit)[0]]) || null,
      map: null,
      overview: null,
      guesses: null,
      classes: ask.classes ? { names: catalog.input!.classes!, probabilities: this.classes(this.row) } : null,
      sweep,
      odd: { nan: 0, inf: 0 },
      ms: { model: 1.2, total: 3.4 },
      reused: 0,
      arrays,
    };
    this.answer(header, buffers);
  }
}
