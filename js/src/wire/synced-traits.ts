/**
 * What a person set, two-way with Python.
 *
 * A person's change is shown at once, waits in `pending` and travels inside the next request. Python's changes arrive
 * as trait changes. Three rules keep the two from fighting: what equals the page's own value does nothing; what the
 * page itself sent and has not had answered is an echo; and what the person changed since is about to be sent anyway.
 */
import { type Signal, signal } from "@preact/signals";
import type { HostModel } from "./host.ts";
import { type Input, readInput, same } from "./inputs.ts";
import type { Selection, UnitName, ViewSettings } from "./protocol.ts";
import type { Catalog, Traits } from "./traits.ts";

const KEYS = ["input", "site", "unit", "selection", "pins", "view"] as const;
export type Key = (typeof KEYS)[number];

export const NO_SELECTION: Selection = { token: null, span: null };
const VIEW: ViewSettings = {
  order: "index",
  hold: false,
  mode: "linear",
  pinned: {},
  filter: "",
  overview: true,
};
const CATALOG: Catalog = {
  model: "",
  sites: [],
  context: 0,
  causal: false,
  guesses: false,
  measure: "activation",
};

/** Changes as the page has them; pictures with their pixels. */
export type Held = Partial<Pick<Traits, Key>>;

export class Shared {
  readonly input: Signal<Input>;
  readonly site: Signal<string>;
  readonly unit: Signal<UnitName | null>;
  readonly selection: Signal<Selection>;
  readonly pins: Signal<UnitName[]>;
  readonly view: Signal<ViewSettings>;
  readonly catalog: Signal<Catalog>;
  /** Changes that no request has taken yet. */
  private pending: Held = {};
  /** Changes in requests without an answer, oldest first. */
  private sent: { seq: number; changes: Held }[] = [];

  constructor(
    private readonly model: HostModel,
    abort: AbortSignal,
    private readonly moved: (key: Key) => void,
  ) {
    this.input = signal(read(model, "input"));
    this.site = signal(read(model, "site"));
    this.unit = signal(read(model, "unit"));
    this.selection = signal(read(model, "selection"));
    this.pins = signal(read(model, "pins"));
    this.view = signal(read(model, "view"));
    this.catalog = signal(readCatalog(model));
    for (const key of KEYS) {
      const listen = () => this.fromPython(key);
      model.on(`change:${key}`, listen);
      abort.addEventListener("abort", () => model.off(`change:${key}`, listen));
    }
    const listen = () => {
      this.catalog.value = readCatalog(model);
    };
    model.on("change:catalog", listen);
    abort.addEventListener("abort", () => model.off("change:catalog", listen));
  }

  /** A person changed something. False when it is as it was. */
  change<K extends Key>(key: K, value: Traits[K]): boolean {
    if (same(this[key].peek(), value)) return false;
    (this[key] as Signal<Traits[K]>).value = value;
    this.pending = { ...this.pending, [key]: value };
    // Never saved, so never sent: it keeps the model's copy level with the page, so that Python setting the old
    // value again is a change, and a saved notebook holds what was on the screen.
    this.model.set(key, value);
    return true;
  }

  /** The changes a request takes along. */
  take(seq: number): Held {
    const changes = this.pending;
    this.pending = {};
    if (Object.keys(changes).length > 0) this.sent.push({ seq, changes });
    return changes;
  }

  /** What a person changed and no request has taken yet is not meant any more. */
  forget(key: Key): void {
    delete this.pending[key];
  }

  /** The kernel has answered `seq`, so it has heard all changes up to there. */
  heard(seq: number): void {
    this.sent = this.sent.filter((item) => item.seq > seq);
  }

  /** What was sent may be lost: send it again with the next request. */
  takeBack(): void {
    this.pending = Object.assign({}, ...this.sent.map((item) => item.changes), this.pending);
    this.sent = [];
  }

  private fromPython(key: Key): void {
    const value = read(this.model, key);
    if (same(this[key].peek(), value)) return;
    const own = key in this.pending || this.sent.some(({ changes }) => same(changes[key], value));
    if (own) {
      this.model.set(key, this[key].peek());
      return;
    }
    (this[key] as Signal<unknown>).value = value;
    this.moved(key);
  }
}

/** The trait, in the shape the page relies on; saved notebooks may hold anything. */
function read<K extends Key>(model: HostModel, key: K): Traits[K] {
  const value = model.get(key);
  const as = (trait: unknown) => trait as Traits[K];
  switch (key) {
    case "input":
      return as(readInput(value));
    case "site":
      return as(typeof value === "string" ? value : "");
    case "unit":
      return as(typeof value === "string" && value !== "" ? value : null);
    case "pins":
      return as(Array.isArray(value) ? value.filter((item) => typeof item === "string") : []);
    case "selection":
      return as({ ...NO_SELECTION, ...(value as object | null) });
    default:
      return as({ ...VIEW, ...(value as object | null) });
  }
}

function readCatalog(model: HostModel): Catalog {
  return { ...CATALOG, ...(model.get("catalog") as object | null) };
}
