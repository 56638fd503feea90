/** Units of a comparison, as points and by name, and which of them is chosen, two-way with Python. */
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { AtlasSession } from "../../atlas/session/session.ts";
import { bytesIn } from "../../panels/pattern/points.ts";
import type { UnitName } from "../../wire/protocol.ts";
import type { ComparisonInfo } from "../../wire/results/comparison.ts";
import type { Spot, Spots } from "../points/steps.ts";

/** Places are 0…1 from the left and from the top. */
export type Points = Spots & {
  /** 0 where it does not pass, else 1 + the group that it is higher in. */
  mark(i: number): number;
};
export type UnitPoints = Points & { unit(i: number): UnitName };

const NOTHING: ComparisonInfo = {
  model: "",
  input: "",
  measure: "auroc",
  verdict: "",
  figures: [],
  edits: [],
  groups: [],
  level: 0.05,
  axis: ["", ""],
  sites: [],
  ends: [-0.5, 0.5],
  top: 1,
  points: "",
  chance: "",
  twin: "",
  searched: 0,
  drawn: 0,
  units: { effect: "", hint: "", zero: 0, ends: [-0.5, 0.5], null: null, columns: [], total: 0, rows: [] },
};

/** How far up a certainty stands, from the bottom: its root, so that what hardly passes can be told apart too. */
export const upFor = (height: number, top: number): number => Math.sqrt(Math.max(0, height) / (top || 1));

const spot = (x: number, y: number): Spot => [x / 65535, 1 - Math.sqrt(y / 65535)];

/** 11 bytes a unit; see `ComparisonInfo`. */
export function pointsOf({ points, sites }: Pick<ComparisonInfo, "points" | "sites">): UnitPoints {
  const { buffer, length } = bytesIn(points);
  const count = Math.floor(length / 11);
  const numbers = new Uint32Array(buffer, 0, count);
  const words = (part: number) => new Uint16Array(buffer, (4 + 2 * part) * count, count);
  const [site, x, y] = [words(0), words(1), words(2)];
  const marks = new Uint8Array(buffer, 10 * count, count);
  return {
    count,
    at: (i) => spot(x[i]!, y[i]!),
    mark: (i) => marks[i]!,
    unit: (i) => `${sites[site[i]!]}:${numbers[i]}`,
  };
}

/** Those of chance: 4 bytes a unit. */
function placesOf(places: string): Points {
  const { buffer, length } = bytesIn(places);
  const count = Math.floor(length / 4);
  const [x, y] = [new Uint16Array(buffer, 0, count), new Uint16Array(buffer, 2 * count, count)];
  return { count, at: (i) => spot(x[i]!, y[i]!), mark: () => 0 };
}

/** What is drawn behind the units, to compare with. */
export type Behind = "chance" | "twin" | "";

export class ComparisonStore {
  readonly info: ReadonlySignal<ComparisonInfo>;
  readonly points: ReadonlySignal<UnitPoints>;
  readonly behind = signal<Behind>("chance");
  readonly places: ReadonlySignal<Points>;
  readonly unit: ReadonlySignal<UnitName | null>;
  /** The place of the chosen unit among the points; null where it is not drawn. */
  readonly chosen: ReadonlySignal<number | null>;
  /** The point under the pointer or the keyboard. */
  readonly pointed = signal<number | null>(null);
  /** Said by screen readers. */
  readonly said = signal("");
  readonly #places: ReadonlySignal<ReadonlyMap<UnitName, number>>;

  constructor(readonly of: AtlasSession) {
    const given = of.trait("comparison_info");
    this.info = computed(() => ({ ...NOTHING, ...(given.value as object | null) }));
    this.points = computed(() => pointsOf(this.info.value));
    this.places = computed(() => placesOf(this.behind.value && this.info.value[this.behind.value]));
    this.unit = of.unit;
    this.#places = computed(() => {
      const points = this.points.value;
      const places = new Map<UnitName, number>();
      // Of a unit that is compared in two ways the better one comes first.
      for (let i = points.count - 1; i >= 0; i--) places.set(points.unit(i), i);
      return places;
    });
    this.chosen = computed(() => this.#places.value.get(of.unit.value ?? "") ?? null);
  }

  choose(unit: UnitName): void {
    this.of.setUnit(unit);
  }

  /** Puts an input into the linked view. */
  open(document: number): void {
    this.of.tell({ member: document });
  }
}
