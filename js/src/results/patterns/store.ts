/** Choice among the inputs of patterns, shared by map, rows, matrix and flow, and two-way with Python. */
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { AtlasSession } from "../../atlas/session/session.ts";
import { bytesIn, type Points, placeOf, pointsOf } from "../../panels/pattern/points.ts";
import type { LayerInfo, Narrowed, PatternsInfo } from "../../wire/results/patterns.ts";

export type Layer = { readonly info: LayerInfo; readonly points: Points };
/** A rectangle in the map of a layer, in the map's own units: left, right, bottom, top. */
export type Brush = NonNullable<Narrowed["brush"]>;

const NOTHING: PatternsInfo = {
  model: "",
  input: "",
  inputs: 0,
  sample: "",
  layers: [],
  documents: "",
  labelled: "",
  labels: [],
  flow: [],
};
const WIDE: Narrowed = { label: null, to: null, brush: null };

export class PatternStore {
  readonly info: ReadonlySignal<PatternsInfo>;
  readonly layers: ReadonlySignal<readonly Layer[]>;
  /** Numbers of the drawn inputs, and of the label of each. */
  readonly documents: ReadonlySignal<Int32Array>;
  readonly labelled: ReadonlySignal<Int16Array>;
  /** −1: the inputs in none; null: all. */
  readonly pattern: ReadonlySignal<number | null>;
  readonly narrowed: ReadonlySignal<Narrowed>;
  /** 1 for each drawn input that is chosen; null: nothing is narrowed, so all are. */
  readonly mask: ReadonlySignal<Uint8Array | null>;
  /** The drawn input under the pointer or the keyboard. */
  readonly pointed = signal<number | null>(null);
  /** Said by screen readers. */
  readonly said = signal("");

  constructor(readonly of: AtlasSession) {
    const given = of.trait("patterns_info");
    const chosen = of.trait("pattern");
    const narrowed = of.trait("narrowed");
    this.info = computed(() => ({ ...NOTHING, ...(given.value as object | null) }));
    this.layers = computed(() => this.info.value.layers.map((info) => ({ info, points: pointsOf(info) })));
    this.documents = computed(() => wholes(bytesIn(this.info.value.documents)));
    this.labelled = computed(() => new Int16Array(bytesIn(this.info.value.labelled).buffer));
    this.pattern = computed(() => (typeof chosen.value === "number" ? chosen.value : null));
    this.narrowed = computed(() => ({ ...WIDE, ...(narrowed.value as object | null) }));
    this.mask = computed(() => this.#mask());
  }

  get live() {
    return this.of.live;
  }

  #mask(): Uint8Array | null {
    const pattern = this.pattern.value;
    const { label, to, brush } = this.narrowed.value;
    if (pattern === null && label === null && to === null && brush === null) return null;
    const [first, second] = this.layers.value;
    if (!first) return null;
    const code = label === null ? null : this.info.value.labels.indexOf(label);
    const inside = brush && insideOf(brush, this.layers.value[brush[0]] ?? first);
    return Uint8Array.from(first.points.pattern, (own, i) =>
      Number(
        (pattern === null || own === pattern) &&
          (to === null || second?.points.pattern[i] === to) &&
          (code === null || this.labelled.value[i] === code) &&
          (!inside || inside(i)),
      ),
    );
  }

  /** How many of the drawn inputs are chosen; null: all. */
  count(): number | null {
    return this.mask.value?.reduce((sum, one) => sum + one, 0) ?? null;
  }

  /** Chooses a pattern of a layer, or lets it go where it is chosen already. */
  choose(pattern: number | null, layer = 0): void {
    if (layer === 0) this.of.tell({ pattern: pattern === this.pattern.peek() ? null : pattern });
    else this.narrow({ to: pattern === this.narrowed.peek().to ? null : pattern });
  }

  narrow(change: Partial<Narrowed>): void {
    this.of.tell({ narrowed: { ...this.narrowed.peek(), ...change } });
  }

  /** A cell of the matrix or of the flow. */
  chooseBoth(pattern: number, change: Partial<Narrowed>): void {
    this.of.tell({ pattern, narrowed: { ...WIDE, ...change } });
  }

  clear(): void {
    this.of.tell({ pattern: null, narrowed: WIDE });
  }

  /** Puts an input into the editor. */
  open(document: number): void {
    this.of.tell({ member: document });
  }
}

const wholes = ({ buffer }: Uint8Array<ArrayBuffer>) => new Int32Array(buffer, 0, buffer.byteLength >> 2);

function insideOf([, x0, x1, y0, y1]: Brush, { info, points }: Layer): (i: number) => boolean {
  const [left, bottom] = placeOf(info, x0, y0);
  const [right, top] = placeOf(info, x1, y1);
  return (i) => {
    const [x, y] = [points.x[i]! / 65535, 1 - points.y[i]! / 65535];
    return x >= left && x <= right && y <= bottom && y >= top;
  };
}

/** What a pattern is called. */
export const called = (pattern: number): string => (pattern < 0 ? "in no pattern" : `pattern ${pattern}`);
