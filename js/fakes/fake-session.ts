/** A session without a wire: an invented model of known values answers at once, in the page. */

import { type Signal, signal } from "@preact/signals";
import type { GuessesPart } from "../src/panels/guesses/wire.ts";
import type { InputKind } from "../src/session/kind.ts";
import { withMarks } from "../src/session/labels.ts";
import { NeedBook } from "../src/session/needs.ts";
import type { Needs } from "../src/session/panel.ts";
import type { Session, State } from "../src/session/session.ts";
import type { EditSetting } from "../src/wire/edits.ts";
import type { Frame } from "../src/wire/frame.ts";
import type { GalleryItem, Input } from "../src/wire/inputs.ts";
import type {
  Ask,
  Changes,
  ErrorAnswer,
  ProbeAnswer,
  Selection,
  ViewSettings,
} from "../src/wire/protocol.ts";
import { VERSION, VIEW } from "../src/wire/shared.ts";
import type { Catalog, Labels, Names } from "../src/wire/traits.ts";
import { decode } from "./frame-writer.ts";
import { ALL, ALL_PANELS } from "./panels.ts";
import { type TextModel, textFrame, textReading } from "./text-frame.ts";

const ONE_VIEW = Symbol("view");

type Value = (site: number, unit: number, token: number) => number;

export type FakeOptions = {
  text?: string;
  sites?: number;
  units?: number;
  value?: Value;
  layout?: string;
};

/** Smooth made-up activations in about −3…5, each unit with a liking for one character class. */
function madeUp(text: string): Value {
  return (site, unit, token) => {
    const code = text.charCodeAt(token) || 0;
    const liked = (unit * 7 + site * 3) % 29;
    const near = Math.exp(-((((code + site) % 29) - liked) ** 2) / 6);
    const wave = Math.sin(unit * 12.9898 + token * 0.7 + site) * Math.sin(unit * 0.37 + site * 2);
    return near * (2 + (unit % 5)) * (0.4 + 0.6 * Math.abs(Math.sin(unit))) + 0.5 * wave;
  };
}

export class FakeSession implements Session {
  readonly layout: string;
  readonly kind: InputKind = ALL.kindOf("text");
  readonly text: Signal<string>;
  readonly site: Signal<string>;
  readonly unit = signal<string | null>(null);
  readonly selection = signal<Selection>({ token: null, span: null });
  readonly pins = signal<string[]>([]);
  readonly edits = signal<EditSetting[]>([]);
  readonly view = signal(VIEW as ViewSettings);
  readonly labels = signal<Labels>({});
  readonly catalog: Signal<Catalog>;
  readonly focus = signal(0);
  readonly pointed = signal<readonly [number, number] | null>(null);
  readonly frame = signal<Frame | null>(null);
  readonly state = signal<State>("live");
  readonly reason = signal("");
  readonly error = signal<ErrorAnswer | null>(null);
  readonly probe = signal<ProbeAnswer | null>(null);
  readonly input = signal<Input>("");
  readonly beside = signal<Input | null>(null);
  readonly gallery = signal<GalleryItem[]>([]);
  readonly picked: number[] = [];
  private readonly others = new Map<string, Signal<unknown>>();
  private readonly book = new NeedBook(ALL_PANELS);
  /** Answer probes by hand when false. */
  answering = true;
  readonly probed: { where: string; x: number; y: number }[] = [];
  private seq = 0;
  private readonly model: TextModel;
  private ask!: Ask;

  constructor({
    text = "def f(x):\n\treturn x",
    sites = 4,
    units = 64,
    value,
    layout = "explorer",
  }: FakeOptions = {}) {
    this.layout = layout;
    this.text = signal(text);
    this.focus.value = text.length;
    this.site = signal("mlp.0");
    const infos = Array.from({ length: sites }, (_, layer) => ({
      name: `mlp.${layer}`,
      canonical: `blocks.${layer}.mlp`,
      kind: "mlp",
      width: units,
      layer,
    }));
    const catalog = { model: "made up", context: 4096, causal: true, guesses: true, measure: "activation" };
    this.catalog = signal<Catalog>({ ...catalog, sites: infos });
    this.model = {
      sites: infos,
      context: catalog.context,
      tokens: (words) => Array.from({ length: words.length }, (_, i) => ({ start: i, end: i + 1 })),
      value: (site, unit, words, token) => (value ?? madeUp(words))(Number(site.split(".")[1]), unit, token),
      scale: (name) => {
        const { mode, pinned } = this.view.peek();
        const [lo, hi] = pinned[name] ?? [-7.5, 7.5];
        return { lo, hi, mode, knee: hi * 1e-3, signed: lo < 0, pinned: name in pinned };
      },
      guesses,
    };
    this.refresh();
  }

  valueAt(site: number, unit: number, token: number): number {
    return Math.fround(this.model.value(`mlp.${site}`, unit, this.text.peek(), token));
  }

  setInput(input: Input): void {
    this.input.value = input;
  }
  setBeside(input: Input | null): void {
    this.beside.value = input;
    this.refresh();
  }
  askGallery(): void {}
  pick(index: number): void {
    this.picked.push(index);
  }
  setText(text: string, cursor: number): void {
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
  setEdits(edits: EditSetting[]): void {
    this.edits.value = edits;
    this.refresh();
  }
  setView(patch: Partial<ViewSettings>): void {
    this.view.value = { ...this.view.peek(), ...patch };
    this.refresh();
  }
  setLabels(names: Names): void {
    this.labels.value = withMarks(names, {});
  }
  get needs(): Needs {
    return this.book.union();
  }
  need(panel: string, need: object | null): void {
    if (this.book.set(ONE_VIEW, panel, need)) this.refresh();
  }
  probeAt(where: "map" | "overview", x: number, y: number): void {
    this.probed.push({ where, x, y });
    if (this.answering) this.probe.value = this.answerTo(where, x, y);
  }
  endProbe(): void {
    this.probe.value = null;
  }
  trait(name: string): Signal<unknown> {
    const there = this.others.get(name) ?? signal<unknown>(undefined);
    this.others.set(name, there);
    return there;
  }
  tell(changes: Changes): void {
    for (const [name, value] of Object.entries(changes)) this.trait(name).value = value;
  }
  refresh(): void {
    if (this.state.peek() === "no-kernel") return;
    this.frame.value = this.makeFrame();
  }

  answerTo(where: "map" | "overview", x: number, y: number): ProbeAnswer {
    return textReading(this.model, this.ask, { v: VERSION, seq: ++this.seq, where, x, y });
  }

  private makeFrame(): Frame {
    const view = this.view.peek();
    const site = this.site.peek();
    const text = this.text.peek();
    this.ask = {
      v: VERSION,
      kind: "ask",
      seq: ++this.seq,
      input: this.kind.ask(text, this.focus.peek()),
      site,
      unit: this.unit.peek(),
      pins: this.pins.peek(),
      ...(this.edits.peek().length > 0 && { edits: this.edits.peek(), compare: view.compare }),
      token: this.selection.peek().token,
      mode: view.mode,
      pinned: view.pinned[site] ?? null,
      parts: this.book.asks({ view, width: this.model.sites[0]!.width, typing: false }),
      pad: 0,
      changes: {},
    };
    const { message, buffers } = textFrame(this.model, this.ask);
    return decode(message, buffers, text);
  }
}

function guesses(text: string, token: number, count: number): GuessesPart {
  const list = [..." \ne\tt_a(0".slice(0, count)].map((guess, i) => ({ text: guess, p: 0.5 ** (i + 1) }));
  const next = text[token + 1];
  const place = list.findIndex((guess) => guess.text === next);
  const rank = place < 0 ? 31 : place + 1;
  return { list, actual: next === undefined ? null : { text: next, p: list[place]?.p ?? 0.0004, rank } };
}
