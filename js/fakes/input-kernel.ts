/** A kernel in the page for models of pictures and tables: invented sites over what is really in the picture or row. */

import { byteOf } from "../src/paint/scale.ts";
import type { PatternPart } from "../src/panels/pattern/wire.ts";
import type { SweepPart } from "../src/panels/sweep/wire.ts";
import type { Picture, Row } from "../src/wire/inputs.ts";
import type { Ask, Probe, Scale, Size, ToKernel } from "../src/wire/protocol.ts";
import type { PatternsInfo } from "../src/wire/results/patterns.ts";
import type { Catalog, SiteInfo, Traits } from "../src/wire/traits.ts";
import { answerAtlas } from "./atlas-answers.ts";
import { editedValue, editsOf, editsPart, type Value } from "./edits.ts";
import { ArrayWriter, emptyFrame, partsOf } from "./frame-writer.ts";
import { FakeKernel } from "./kernel.ts";
import { drawn } from "./pictures.ts";
import type { ResultKind } from "./results/bytes.ts";
import { patternPart } from "./results/patterns.ts";
import { type Studied, studyAnswers } from "./studies/answers.ts";
import { COLUMNS, TABLE_ROW } from "./table.ts";

export type InputSetting = Partial<Omit<Traits, "layout_kind">> & {
  layout_kind?: string;
  silent?: boolean;
  gallery?: number;
  size?: number;
};

const site = (name: string, width: number, layer: number): SiteInfo => ({
  name,
  canonical: `layers.${layer}`,
  kind: name.split(".")[0]!,
  width,
  layer,
});
const GRIDS: Record<string, [number, number] | null> = { "conv.0": [16, 16], "conv.1": [7, 7] };

export const INPUT_SITES = {
  image: [site("conv.0", 16, 0), site("conv.1", 32, 1), site("dense.0", 64, 2)],
  table: [site("dense.0", 32, 0), site("dense.1", 16, 1)],
};

export class InputKernel extends FakeKernel {
  private picture: Picture;
  private row: Row = {};
  private readonly isTable: boolean;
  private last: Ask | null = null;
  /** The picture or row that is compared with. */
  private other: Picture | Row | null = null;
  private readonly size: number;

  constructor(kind: "image" | "table", setting: InputSetting = {}) {
    const { silent, size = 28, gallery = 24, ...traits } = setting;
    const picture = drawn(5, size);
    const sites = INPUT_SITES[kind];
    const catalog: Catalog = {
      model: kind === "table" ? "invented table" : "invented pictures",
      sites,
      context: 1,
      causal: false,
      guesses: false,
      measure: "activation",
      input:
        kind === "table"
          ? { kind, columns: COLUMNS, classes: ["malignant", "benign"], rows: 12 }
          : { kind, width: size, height: size, channels: 3, classes: [..."0123456789"], gallery },
    };
    const own = {
      layout_kind: "explorer",
      input: kind === "table" ? TABLE_ROW : picture,
      site: sites[0]!.name,
      unit: `${sites[0]!.name}:3`,
      catalog,
    };
    super({ ...own, ...traits }, { silent });
    this.isTable = kind === "table";
    this.picture = picture;
    this.size = size;
  }

  protected hear(message: ToKernel, buffers: ArrayBuffer[]): void {
    switch (message.kind) {
      case "gallery":
        this.gallery();
        break;
      case "pick":
        this.set("input", drawn(message.index, this.size));
        break;
      case "probe":
        this.probe(message);
        break;
      case "study":
        for (const answer of studyAnswers(message, this.studied())) this.later(answer);
        break;
      case "atlas": {
        const { header, buffers: bytes } = answerAtlas(this.isTable ? "table" : "image", message);
        this.later(header, bytes);
        break;
      }
      case "ask":
        if ("width" in message.input && buffers[0])
          this.picture = { ...(message.input as Size), rgb: new Uint8Array(buffers[0]) };
        if ("row" in message.input) this.row = message.input.row as Row;
        this.other = null;
        if (message.beside && "row" in message.beside) this.other = message.beside.row as Row;
        if (message.beside && "width" in message.beside)
          this.other = { ...(message.beside as Size), rgb: new Uint8Array(buffers[1]!) };
        this.last = message;
        this.reply(message);
    }
  }

  private studied(): Studied {
    const unit = this.last?.unit ?? null;
    const { sites } = this.get("catalog") as Catalog;
    const acting = this.last ? editsOf(this.last).acting : [];
    if (this.isTable)
      return { unit, parts: "columns", names: COLUMNS.map(({ name }) => name), sites, acting };
    const names = Array.from({ length: 64 }, (_, i) => `y ${i >> 3}, x ${i & 7}`);
    return { unit, parts: "patches", names, grid: [8, 8], sites, acting };
  }

  /** As it is for the picture or row that is compared with. */
  private ofOther<T>(make: () => T): T {
    const { picture, row, other } = this;
    if (other && this.isTable) this.row = other as Row;
    else if (other) this.picture = other as Picture;
    const made = make();
    [this.picture, this.row] = [picture, row];
    return made;
  }

  private gallery(): void {
    const items = Array.from({ length: 24 }, (_, i) => ({
      label: `digit ${i % 10}${i % 3 ? `, ${i % 3 > 1 ? "moved" : "as in training"}` : ""}`,
      ...drawn(i, 28),
    }));
    this.later(
      { kind: "gallery", items: items.map(({ label, width, height }) => ({ label, width, height })) },
      items.map(({ rgb }) => new DataView(rgb.buffer)),
    );
  }

  private probe({ seq, x, y }: Probe): void {
    const grid = GRIDS[this.last?.site ?? ""] ?? [1, 1];
    const cell = 32 / grid[0];
    const box = [x, y, x + 1, y + 1].map((at, i) => Math.round(at * cell + (i < 2 ? -2 : 2)));
    this.later({
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

  /** As the model does it without edits. */
  private plain(name: string, unit: number): Float32Array {
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

  /** A unit at one place of another site: where both lie on grids, at the same place. */
  private readonly at: Value = (name, unit, position) => {
    const values = this.plain(name, unit);
    return values[Math.min(position, values.length - 1)] ?? 0;
  };

  private edited(): Value {
    const { acting } = this.last ? editsOf(this.last) : { acting: [] };
    return acting.length > 0 ? editedValue(this.at, acting, 1) : this.at;
  }

  /** As it is shown: edited, as it was, or the difference. */
  private values(name: string, unit: number): Float32Array {
    const plain = this.plain(name, unit);
    if (this.other && this.last?.compare !== "after") {
      const before = this.ofOther(() => this.plain(name, unit));
      return this.last?.compare === "before" ? before : plain.map((value, i) => value - before[i]!);
    }
    const { acting = [], head = undefined } = this.last ? editsOf(this.last) : {};
    if (acting.length === 0 || head?.compare === "before") return plain;
    const after = this.edited();
    const less = head?.compare === "difference" ? plain : null;
    return plain.map((_, i) => after(name, unit, i) - (less?.[i] ?? 0));
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

  private classes(row: Row, value: Value | null = null): number[] {
    const score = (site: string, unit: number) => (value ? value(site, unit, 0) : this.flat(site, unit, row));
    if (this.isTable) {
      const p = 1 / (1 + Math.exp(-4 * (score("dense.1", 2) - score("dense.1", 5))));
      return [p, 1 - p];
    }
    const scores = Array.from({ length: 10 }, (_, i) => Math.exp(score("dense.0", 7 * i)));
    const sum = scores.reduce((a, b) => a + b);
    return scores.map((score) => score / sum);
  }

  /** Where the picture or row falls, as far as its light or its values tell. */
  private patterns(kind: ResultKind): { pattern: PatternPart } | null {
    const info = this.get("patterns_info") as PatternsInfo | undefined;
    const words = this.isTable
      ? JSON.stringify(this.row)
      : `${this.picture.rgb.reduce((a, b) => (a + b) | 0, 0)}`;
    return info ? { pattern: patternPart(words, kind, info.layers.length) } : null;
  }

  private reply(ask: Ask): void {
    const out = new ArrayWriter();
    const grid = GRIDS[ask.site] ?? null;
    const width = (this.get("catalog") as Catalog).sites.find(({ name }) => name === ask.site)!.width;
    const { acting, head } = editsOf(ask);
    const scale = (name: string): Scale => {
      const differs = (acting.length > 0 || this.other !== null) && ask.compare === "difference";
      const signed = name === "conv.0" || differs;
      return { lo: signed ? -3 : 0, hi: 3, mode: ask.mode, knee: 0.05, signed, pinned: false };
    };
    const peak = (values: Float32Array) => values.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
    const units = Array.from({ length: width }, (_, unit) => ({ unit, values: this.values(ask.site, unit) }))
      .map((one) => ({ ...one, peak: peak(one.values) }))
      .sort((a, b) => Math.abs(b.peak) - Math.abs(a.peak));
    if (ask.unit) {
      const values = this.values(...partsOf(ask.unit));
      out.add("trace.unit", values, [values.length]);
    }
    ask.pins.forEach((pin, i) => {
      const values = this.values(...partsOf(pin));
      out.add(`trace.pin_${i}`, values, [values.length]);
    });
    const { tiles, top: strongest, sweep: swept, classes } = ask.parts;
    if (tiles && grid) {
      const top = units.slice(0, tiles.count);
      out.add(
        "tiles.cells",
        Uint8Array.from(top.flatMap(({ values }) => [...values].map((x) => byteOf(x, scale(ask.site))))),
        [top.length, ...grid],
      );
      out.add(
        "tiles.units",
        Int32Array.from(top, ({ unit }) => unit),
        [top.length],
      );
      out.add(
        "tiles.values",
        Float32Array.from(top, (one) => one.peak),
        [top.length],
      );
    }
    if (strongest) {
      const top = units.slice(0, strongest.most);
      out.add(
        "top.units",
        Int32Array.from(top, ({ unit }) => unit),
        [top.length],
      );
      out.add(
        "top.values",
        Float32Array.from(top, (one) => one.peak),
        [top.length],
      );
    }
    if (!this.isTable) {
      const seen = Uint8Array.from(
        { length: 3 * 32 * 32 },
        (_, i) => 255 * this.light(((Math.floor(i / 3) % 32) + 0.5) / 32, (Math.floor(i / 96) + 0.5) / 32),
      );
      out.add("input.seen", seen, [32, 32, 3]);
    }
    let sweep: SweepPart | null = null;
    if (swept) {
      const column = COLUMNS.find(({ name }) => name === swept.column)!;
      const n = swept.points;
      const xs =
        column.kind === "category"
          ? column.values
          : Array.from({ length: n }, (_, i) => column.low + (i / (n - 1)) * (column.high - column.low));
      const rows = xs.map((x) => ({ ...this.row, [column.name]: x }));
      sweep = { column: column.name, xs };
      if (ask.unit)
        out.add(
          "sweep.unit",
          Float32Array.from(rows, (row) => this.flat(...partsOf(ask.unit!), row)),
          [xs.length],
        );
      if (ask.pins.length > 0)
        out.add(
          "sweep.pins",
          Float32Array.from(ask.pins.flatMap((pin) => rows.map((row) => this.flat(...partsOf(pin), row)))),
          [ask.pins.length, xs.length],
        );
      out.add("sweep.classes", Float32Array.from(rows.flatMap((row) => this.classes(row))), [xs.length, 2]);
    }
    const catalog = this.get("catalog") as Catalog;
    const message = emptyFrame(ask, out.arrays, { kind: this.isTable ? "table" : "image" });
    message.head.ms = { model: 1.2, total: 3.4 };
    if (head) message.head.edits = head;
    const shows = ask.compare ?? "after";
    if (this.other) message.head.beside = { compare: shows, paired: 0, of: 0, problem: null };
    const compares = (acting.length > 0 || this.other !== null) && shows !== "before";
    const before = () => this.ofOther(() => this.classes(this.row));
    message.parts = {
      trace: {
        scale: scale(ask.unit ? partsOf(ask.unit)[0] : ask.site),
        siteScale: scale(ask.site),
        pinScales: ask.pins.map((pin) => scale(partsOf(pin)[0])),
        pinGrids: ask.pins.map((pin) => GRIDS[partsOf(pin)[0]] ?? null),
        grid,
        unitGrid: (ask.unit && GRIDS[partsOf(ask.unit)[0]]) || null,
      },
      ...(strongest && { top: {} }),
      ...(tiles && grid && { tiles: {} }),
      ...(classes && {
        classes: {
          names: catalog.input!.classes!,
          probabilities:
            shows === "before" ? before() : this.classes(this.row, acting.length > 0 ? this.edited() : null),
          ...(compares && { before: before() }),
        },
      }),
      ...(sweep && { sweep }),
      ...(ask.parts.pattern && this.patterns(this.isTable ? "table" : "image")),
      ...(ask.parts.edits &&
        acting.length > 0 && {
          edits: editsPart(ask, acting, {
            sites: catalog.sites.filter((site) => !GRIDS[site.name]),
            before: this.at,
            after: this.edited(),
            at: 0,
          }),
        }),
    };
    this.later(message, out.buffers);
  }
}
