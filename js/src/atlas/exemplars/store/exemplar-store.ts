/** The exemplars of one unit and group as far as they have come; what is missing is asked for as it comes into sight. */
import { batch, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { Exemplar, Listing } from "../../../kinds/exemplars.ts";
import type { UnitName } from "../../../wire/protocol.ts";
import type { Group } from "../../../wire/shared.ts";
import type { Answer, Channel, Problem } from "../../session/channel.ts";
import type { AtlasSession } from "../../session/session.ts";
import { readListing, writeListing } from "./saved-exemplars.ts";

/** Rows asked for at a time. */
const PAGE = 100;

const NOTHING_AROUND = ["", ""] as const;

export class ExemplarStore {
  readonly listing: ReadonlySignal<Listing | null>;
  readonly problem: ReadonlySignal<Problem | null>;
  readonly waiting: ReadonlySignal<boolean>;
  readonly #shown = signal<Listing | null>(null);
  readonly #channel: Channel<"exemplars">;
  readonly #stop: () => void;
  #wanted: { unit: UnitName; group: Group } | null = null;

  constructor(private readonly atlas: AtlasSession) {
    this.listing = this.#shown;
    this.#channel = atlas.channel("exemplars");
    this.problem = this.#channel.problem;
    this.waiting = this.#channel.waiting;
    this.#shown.value = readListing(atlas.kept("exemplars"));
    this.#stop = effect(() => {
      const answer = this.#channel.answer.value;
      if (answer) this.#take(answer);
    });
  }

  close(): void {
    this.#stop();
    this.atlas.end(this.#channel);
  }

  /** Begins to show another unit or group; what was shown stays until it has come. */
  show(unit: UnitName | null, group: Group): void {
    this.#wanted = unit === null ? null : { unit, group };
    if (unit === null) this.#channel.requests.drop();
    else this.#channel.ask({ unit, group, first: 0, count: PAGE });
  }

  /** The places `first` … `last` − 1 are in sight, and `ahead` more to either side may come. */
  want(first: number, last: number, ahead = 0): void {
    const listing = this.#shown.peek();
    if (!listing || !this.#wanted || !this.#isWanted(listing) || this.#channel.waiting.peek()) return;
    const missing = (from: number, to: number) => {
      for (let place = Math.max(0, from); place < Math.min(to, listing.total); place++)
        if (listing.rows[place] === undefined) return place;
      return null;
    };
    const place = missing(first, last) ?? missing(last, last + ahead) ?? missing(first - ahead, first);
    if (place !== null) this.#channel.ask({ ...this.#wanted, first: place - (place % PAGE), count: PAGE });
  }

  #isWanted({ unit, group }: { unit: UnitName; group: Group }): boolean {
    return this.#wanted?.unit === unit && this.#wanted.group === group;
  }

  #take(answer: Answer<"exemplars">): void {
    if (!this.#isWanted(answer.about)) return;
    const before = this.#shown.peek();
    const goesOn = before !== null && answer.first > 0 && this.#isWanted(before);
    const rows: (Exemplar | undefined)[] = goesOn ? before.rows.slice() : new Array(answer.total);
    const values = answer.data.get("values") as Float32Array;
    const images = answer.data.get("images") as Uint8Array | undefined;
    const shape = answer.shapes.get("images") ?? [];
    const [, height = 0, width = 0] = shape;
    let at = 0;
    answer.rows.forEach((row, i) => {
      const size = 3 * height * width;
      const image = images && { width, height, rgb: images.subarray(i * size, (i + 1) * size) };
      rows[answer.first + i] = {
        ...row,
        shades: values.subarray(at, at + row.values),
        image: image ?? null,
        around: answer.around?.[i] ?? NOTHING_AROUND,
      };
      at += row.values;
    });
    batch(() => {
      this.#shown.value = { ...answer, unit: answer.about.unit, rows };
    });
    if (answer.first === 0) this.atlas.keep("exemplars", writeListing(this.#shown.peek()!));
  }
}
