/**
 * Session of one live widget, shared by its views: what a person does becomes requests, what Python sets becomes
 * pictures.
 */
import { batch, computed, effect, signal as newSignal, type ReadonlySignal } from "@preact/signals";
import { type Input, same, textOf } from "../wire/inputs.ts";
import { type Connection, connect } from "../wire/kernel/connection.ts";
import type { HostModel } from "../wire/kernel/host.ts";
import { type SyncedTraits, syncTraits } from "../wire/kernel/synced-traits.ts";
import type { Changes, UnitName } from "../wire/protocol.ts";
import { VERSION } from "../wire/shared.ts";
import type { Catalog, Traits } from "../wire/traits.ts";
import { FrameFeed, type Question } from "./frame-feed.ts";
import type { InputKind } from "./kind.ts";
import { type Key, type LiveTraits, liveTraits, NO_SELECTION } from "./live-traits.ts";
import { NeedBook } from "./needs.ts";
import type { PanelNeeds, Panels } from "./panel.ts";
import type { Session } from "./session.ts";
import { Cursor } from "./text/cursor.ts";
import { Typing } from "./text/typing.ts";
import { ToldStatus } from "./told-status.ts";

/** How long the first request waits for the views to say what they need. */
const SETTLE_MS = 150;

/** What a page can show: its panels, and the kind of input by its name. */
export type PageTables = { readonly panels: Panels; kindOf(name: string): InputKind };

export class LiveSession {
  readonly #layout: string;
  readonly #kind: InputKind;
  readonly #panels: Panels;
  readonly connection: Connection;
  readonly traits: SyncedTraits;
  readonly #live: LiveTraits;
  readonly #feed: FrameFeed;
  readonly #needs: NeedBook;
  readonly #text: ReadonlySignal<string>;
  readonly #cursor: Cursor;
  readonly #views = new Set<symbol>();
  readonly #typing = new Typing();
  #settling: ReturnType<typeof setTimeout> | undefined;
  readonly #status = new ToldStatus(
    () => this.#views.size > 0,
    (status) => this.#feed.send({ v: VERSION, kind: "set", changes: { status } }),
  );

  constructor(
    readonly model: HostModel,
    life: AbortSignal,
    { panels, kindOf }: PageTables,
  ) {
    this.#layout = String(model.get("layout_kind") ?? "");
    this.#kind = kindOf((model.get("catalog") as Partial<Catalog> | null)?.input?.kind ?? "text");
    this.#panels = panels;
    this.#needs = new NeedBook(panels);
    this.connection = connect(model, life);
    this.traits = syncTraits(model, life);
    this.#live = liveTraits(this.traits, this.#kind.read, (key) => this.#movedByPython(key));
    this.#feed = new FrameFeed(model, this.connection, life, {
      panels,
      kind: this.#kind,
      compose: (seq) => this.#compose(seq),
      asked: () => this.#live.input.peek(),
      beside: () => this.#live.beside.peek(),
      heard: (seq) => this.traits.heard(seq),
      lost: () => this.traits.takeBack(),
    });
    this.#text = computed(() => textOf(this.#live.input.value));
    this.#cursor = new Cursor(this.#text, this.#feed.frame);
    const stop = effect(() => this.#status.set(this.#feed.status.value));
    life.addEventListener("abort", () => {
      stop();
      clearTimeout(this.#settling);
      this.#status.end();
      this.#typing.end();
    });
  }

  get link(): ReadonlySignal<string> {
    return this.#feed.linkWords;
  }

  /** Nothing is shown, and nobody is there who could change that. */
  get blank(): ReadonlySignal<boolean> {
    return this.#feed.blank;
  }

  // ---- views -----------------------------------------------------------------------------------------------

  /** A view's own handle; what it needs is forgotten when `signal` aborts. */
  show(el: Element, signal: AbortSignal): Session {
    const view = Symbol("view");
    this.#views.add(view);
    signal.addEventListener("abort", () => this.#leave(view));
    this.connection.presence.host.addElement(el, signal);
    if (this.#views.size === 1) {
      this.connection.presence.hello();
      this.#settling = setTimeout(() => this.#settled(), this.#layout === "strip" ? 0 : SETTLE_MS);
    } else {
      this.#feed.want();
    }
    return this.#handle(view);
  }

  #settled(): void {
    if (this.#settling === undefined) return;
    clearTimeout(this.#settling);
    this.#settling = undefined;
    this.#feed.want();
    this.#feed.setOpen(true);
  }

  #leave(view: symbol): void {
    this.#views.delete(view);
    this.#needs.drop(view);
    if (this.#views.size > 0) return;
    clearTimeout(this.#settling);
    this.#settling = undefined;
    this.#feed.setOpen(false);
    this.traits.takeBack();
    const values: LiveValues = this.traits.take(0);
    this.traits.heard(0);
    const changes = { ...this.#onWire(values), status: this.#status.setAtOnce("not shown") };
    this.#feed.sendWithInputs({ v: VERSION, kind: "set", changes });
    this.#feed.send({ v: VERSION, kind: "hidden" });
  }

  #handle(view: symbol): Session {
    const live = this.#live;
    const feed = this.#feed;
    const need = <P extends keyof PanelNeeds>(panel: P, need: PanelNeeds[P] | null) => {
      if (!this.#views.has(view) || !this.#needs.set(view, panel, need)) return;
      feed.want();
      if (need && this.#panels.get(panel)?.isLast) this.#settled();
    };
    return {
      layout: this.#layout,
      kind: this.#kind,
      input: live.input,
      beside: live.beside,
      text: this.#text,
      site: live.site,
      unit: live.unit,
      selection: live.selection,
      pins: live.pins,
      edits: live.edits,
      view: live.view,
      labels: live.labels,
      catalog: live.catalog,
      focus: this.#cursor.offset,
      pointed: newSignal(null),
      frame: feed.frame,
      state: feed.state,
      reason: feed.reason,
      error: feed.error,
      probe: feed.probes.value,
      gallery: feed.gallery,
      setText: (text, cursor) => this.#setText(text, cursor),
      setInput: (input) => this.#change("input", input),
      setBeside: (input) => this.#change("beside", input),
      askGallery: () => feed.send({ v: VERSION, kind: "gallery" }),
      pick: (index) => {
        // An edit that is still waiting would arrive after it, and undo it in Python.
        this.traits.forget("input");
        feed.send({ v: VERSION, kind: "pick", index });
      },
      moveCursor: (offset) => this.#moveCursor(offset),
      setSite: (name) => this.#change("site", name),
      setUnit: (unit) => this.#setUnit(unit),
      setToken: (token) => this.#change("selection", { token, span: this.#cursor.spanOf(token) }),
      mark: (start, end) =>
        this.#change("selection", { token: null, span: this.#cursor.spanBetween(start, end) }),
      togglePin: (unit) => {
        const pins = live.pins.peek();
        this.#change("pins", pins.includes(unit) ? pins.filter((pin) => pin !== unit) : [...pins, unit]);
      },
      setEdits: (edits) => this.#change("edits", edits),
      setLabels: (names) => this.#change("labels", names),
      setView: (patch) => this.#change("view", { ...live.view.peek(), ...patch }),
      need,
      probeAt: (where, x, y) => {
        const frame = feed.frame.peek();
        if (frame && feed.answers()) feed.probes.ask(frame.seq, where, x, y);
      },
      endProbe: () => feed.probes.end(),
      refresh: () => feed.want(),
      trait: (name) => this.traits.trait(name),
      tell: (changes) => {
        const applied = this.traits.apply(changes);
        if (applied) feed.send({ v: VERSION, kind: "set", changes: applied });
      },
    };
  }

  // ---- what a person does ----------------------------------------------------------------------------------

  #change<K extends Key>(key: K, value: Traits[K]): void {
    if (this.traits.change(key, value)) this.#feed.want();
  }

  #setText(text: string, cursor: number): void {
    if (this.#text.peek() === text) {
      this.#moveCursor(cursor);
      return;
    }
    batch(() => {
      this.#cursor.offset.value = cursor;
      // The numbers of the tokens behind an edit are others now: what is said follows the cursor again.
      this.traits.change("selection", NO_SELECTION);
      // Rows keep their order while keys come, so that the eye can follow them.
      this.#typing.key(() => this.#rest());
      this.#change("input", text);
    });
  }

  /** Keys rest: what kept its order takes its places. */
  #rest(): void {
    if (!same(this.#asks(true), this.#asks())) this.#feed.want();
  }

  #moveCursor(offset: number): void {
    const cursor = this.#cursor;
    if (cursor.offset.peek() === offset) return;
    const before = cursor.token;
    cursor.offset.value = offset;
    const now = cursor.token;
    const follows = this.#live.selection.peek().token === null && this.#needs.followsToken();
    if (now === null || (follows && now !== before)) this.#feed.want();
  }

  #setUnit(unit: UnitName | null): void {
    const name = unit?.slice(0, unit.lastIndexOf(":"));
    const site = this.#siteCalled(name);
    batch(() => {
      const moved = site !== undefined && this.traits.change("site", site.name);
      if (this.traits.change("unit", unit) || moved) this.#feed.want();
    });
  }

  #movedByPython(key: Key): void {
    if (key === "input") this.#cursor.keepInside();
    const { span } = this.#live.selection.peek();
    // The window that is looked at goes where Python points.
    if (key === "selection" && span) this.#cursor.moveTo(span[0]);
    this.#feed.want();
  }

  #siteCalled(name: string | undefined) {
    return this.#live.catalog.peek().sites.find((site) => site.name === name || site.canonical === name);
  }

  /** What is asked of each panel. */
  #asks(typing = this.#typing.on) {
    const width = this.#siteCalled(this.#live.site.peek())?.width ?? 0;
    return this.#needs.asks({ view: this.#live.view.peek(), width, typing });
  }

  #compose(seq: number): Question {
    const live = this.#live;
    const view = live.view.peek();
    const site = live.site.peek();
    const edits = live.edits.peek();
    const beside = live.beside.peek();
    const focus = this.#cursor.offset.peek();
    return {
      input: this.#kind.ask(live.input.peek(), focus),
      site,
      unit: live.unit.peek(),
      pins: live.pins.peek(),
      ...(edits.length > 0 && { edits, compare: view.compare }),
      ...(beside !== null && { beside: this.#kind.ask(beside, focus), compare: view.compare }),
      token: live.selection.peek().token,
      mode: view.mode,
      pinned: view.pinned[site] ?? null,
      parts: this.#asks(),
      changes: this.#onWire(this.traits.take(seq)),
    };
  }

  /** Bytes of an input travel beside the message. */
  #onWire({ input, beside, ...rest }: LiveValues): Changes {
    const { change = (value: Input) => value } = this.#kind;
    return {
      ...rest,
      ...(input !== undefined && { input: change(input) }),
      ...(beside !== undefined && { beside: beside && change(beside) }),
    };
  }
}

/** Values as the page has them. */
type LiveValues = Partial<Pick<Traits, Key>>;
