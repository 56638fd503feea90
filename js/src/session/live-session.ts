/**
 * Session of one live widget, shared by its views: what a person does becomes requests, what Python sets becomes
 * pictures.
 */
import { batch, computed, effect, signal as newSignal, type ReadonlySignal } from "@preact/signals";
import { type Connection, connect } from "../wire/connection.ts";
import type { HostModel } from "../wire/host.ts";
import { isPicture, isRow, textOf } from "../wire/inputs.ts";
import { type Changes, type Selection, type Size, type UnitName, VERSION } from "../wire/protocol.ts";
import { type SyncedTraits, syncTraits } from "../wire/synced-traits.ts";
import type { Traits } from "../wire/traits.ts";
import { FrameFeed, type Question } from "./frame-feed.ts";
import { type Key, type LiveTraits, liveTraits, NO_SELECTION } from "./live-traits.ts";
import { NeedBook, type Needs } from "./needs.ts";
import { codePointOf, offsetOf, tokenBefore } from "./offsets.ts";
import type { Session } from "./session.ts";
import { parseUnits } from "./unit-filter.ts";

/** How long the first request waits for the views to say what they need. */
const SETTLE_MS = 150;
/** Python is told how things stand once they have stood so for this long. */
const STATUS_REST_MS = 300;

export class LiveSession {
  readonly #kind: Session["kind"];
  readonly connection: Connection;
  readonly traits: SyncedTraits;
  readonly #live: LiveTraits;
  readonly #feed: FrameFeed;
  readonly #needs = new NeedBook();
  readonly #text: ReadonlySignal<string>;
  readonly #focus = newSignal(0);
  readonly #views = new Set<symbol>();
  #settling: ReturnType<typeof setTimeout> | undefined;
  #telling: ReturnType<typeof setTimeout> | undefined;
  /** The status as Python has it. */
  #status = "";

  constructor(
    readonly model: HostModel,
    life: AbortSignal,
  ) {
    const kind = model.get("layout_kind");
    this.#kind = kind === "strip" || kind === "heatmap" ? kind : "explorer";
    this.connection = connect(model, life);
    this.traits = syncTraits(model, life);
    this.#live = liveTraits(this.traits, (key) => this.#movedByPython(key));
    this.#feed = new FrameFeed(model, this.connection, life, {
      compose: (seq) => this.#compose(seq),
      asked: () => this.#live.input.peek(),
      heard: (seq) => this.traits.heard(seq),
      lost: () => this.traits.takeBack(),
    });
    this.#text = computed(() => textOf(this.#live.input.value));
    this.#focus.value = this.#text.peek().length;
    const stop = effect(() => this.#tell(this.#feed.status.value));
    life.addEventListener("abort", () => {
      stop();
      clearTimeout(this.#settling);
      clearTimeout(this.#telling);
    });
  }

  /** Python's `status` trait. */
  #tell(status: string | null): void {
    clearTimeout(this.#telling);
    if (status === null || status === this.#status) return;
    this.#telling = setTimeout(() => {
      if (this.#views.size === 0) return;
      this.#status = status;
      this.#feed.send({ v: VERSION, kind: "set", changes: { status } });
    }, STATUS_REST_MS);
  }

  get link(): ReadonlySignal<string> {
    return this.#feed.linkWords;
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
      this.#settling = setTimeout(() => this.#settled(), this.#kind === "strip" ? 0 : SETTLE_MS);
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
    clearTimeout(this.#telling);
    this.#status = "not shown";
    const values: LiveValues = this.traits.take(0);
    this.traits.heard(0);
    const changes = { ...onWire(values), status: this.#status };
    this.#feed.send({ v: VERSION, kind: "set", changes }, values.input);
    this.#feed.send({ v: VERSION, kind: "hidden" });
  }

  #handle(view: symbol): Session {
    const live = this.#live;
    const feed = this.#feed;
    const need = <P extends keyof Needs>(part: P, want: Needs[P]) => {
      if (!this.#views.has(view) || !this.#needs.set(view, part, want)) return;
      feed.want();
      if (part === "map" && want) this.#settled();
    };
    return {
      kind: this.#kind,
      input: live.input,
      text: this.#text,
      site: live.site,
      unit: live.unit,
      selection: live.selection,
      pins: live.pins,
      view: live.view,
      catalog: live.catalog,
      focus: this.#focus,
      frame: feed.frame,
      state: feed.state,
      reason: feed.reason,
      error: feed.error,
      probe: feed.probes.value,
      gallery: feed.gallery,
      setText: (text, cursor) => this.#setText(text, cursor),
      setInput: (input) => this.#change("input", input),
      askGallery: () => feed.send({ v: VERSION, kind: "gallery" }),
      pick: (index) => {
        // An edit that is still waiting would arrive after it, and undo it in Python.
        this.traits.forget("input");
        feed.send({ v: VERSION, kind: "pick", index });
      },
      moveCursor: (offset) => this.#moveCursor(offset),
      setSite: (name) => this.#change("site", name),
      setUnit: (unit) => this.#setUnit(unit),
      setToken: (token) => this.#setToken(token),
      mark: (start, end) => {
        const text = this.#text.peek();
        this.#change("selection", { token: null, span: [codePointOf(text, start), codePointOf(text, end)] });
      },
      togglePin: (unit) => {
        const pins = live.pins.peek();
        this.#change("pins", pins.includes(unit) ? pins.filter((pin) => pin !== unit) : [...pins, unit]);
      },
      setView: (patch) => this.#change("view", { ...live.view.peek(), ...patch }),
      need: need as Session["need"],
      probeAt: (where, x, y) => {
        const frame = feed.frame.peek();
        if (frame && feed.answers()) feed.probes.ask(frame.header.seq, where, x, y);
      },
      endProbe: () => feed.probes.end(),
      refresh: () => feed.want(),
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
      this.#focus.value = cursor;
      // The numbers of the tokens behind an edit are others now: what is said follows the cursor again.
      this.traits.change("selection", NO_SELECTION);
      this.#change("input", text);
    });
  }

  #moveCursor(offset: number): void {
    if (this.#focus.peek() === offset) return;
    const before = this.#tokenUnder(this.#focus.peek());
    this.#focus.value = offset;
    const now = this.#tokenUnder(offset);
    const { guesses, top } = this.#needs.union();
    const follows = this.#live.selection.peek().token === null && (guesses > 0 || top > 0);
    if (now === null || (follows && now !== before)) this.#feed.want();
  }

  /** The token before an offset of the present text; null when it lies outside the window that was looked at. */
  #tokenUnder(offset: number): number | null {
    const frame = this.#feed.frame.peek();
    if (!frame) return null;
    const { start, end, first } = frame.header.window;
    if (offset < start || offset > end) return null;
    return first + tokenBefore(frame.spans, offset);
  }

  #setUnit(unit: UnitName | null): void {
    const name = unit?.slice(0, unit.lastIndexOf(":"));
    const site = this.#siteCalled(name);
    batch(() => {
      const moved = site !== undefined && this.traits.change("site", site.name);
      if (this.traits.change("unit", unit) || moved) this.#feed.want();
    });
  }

  #setToken(token: number | null): void {
    const frame = this.#feed.frame.peek();
    const index = token === null || !frame ? -1 : token - frame.header.window.first;
    let span: Selection["span"] = null;
    if (frame && index >= 0 && index < frame.spans.length / 2) {
      const offset = (at: 0 | 1) => codePointOf(frame.text, frame.spans[2 * index + at]!);
      span = [offset(0), offset(1)];
    }
    this.#change("selection", { token, span });
  }

  #movedByPython(key: Key): void {
    const text = this.#text.peek();
    if (key === "input") this.#focus.value = Math.min(this.#focus.peek(), text.length);
    const { span } = this.#live.selection.peek();
    // The window that is looked at goes where Python points.
    if (key === "selection" && span) this.#focus.value = offsetOf(text, span[0]);
    this.#feed.want();
  }

  #siteCalled(name: string | undefined) {
    return this.#live.catalog.peek().sites.find((site) => site.name === name || site.canonical === name);
  }

  #compose(seq: number): Question {
    const live = this.#live;
    const needs = this.#needs.union();
    const view = live.view.peek();
    const site = live.site.peek();
    const text = this.#text.peek();
    const width = this.#siteCalled(site)?.width ?? 0;
    return {
      text,
      focus: Math.min(this.#focus.peek(), text.length),
      site,
      unit: live.unit.peek(),
      pins: live.pins.peek(),
      token: live.selection.peek().token,
      mode: view.mode,
      pinned: view.pinned[site] ?? null,
      map: needs.map && {
        ...needs.map,
        order: view.order,
        hold: view.hold,
        units: parseUnits(view.filter, width).units,
      },
      overview: view.overview ? needs.overview : null,
      guesses: needs.guesses,
      top: needs.top,
      changes: onWire(this.traits.take(seq)),
      ...this.#composeInput(needs),
    };
  }

  /** What is asked about pictures and tables only. */
  #composeInput({ tiles, sweep, classes }: Needs): Partial<Question> {
    const kind = this.#live.catalog.peek().input?.kind;
    if (!kind) return {};
    const asked = { input: kind, tiles: tiles ?? null, sweep: sweep ?? null, classes: classes ?? false };
    const input = this.#live.input.peek();
    if (isPicture(input)) return { ...asked, image: sizeOf(input) };
    return isRow(input) ? { ...asked, row: input } : asked;
  }
}

/** Values as the page has them; pictures with their pixels. */
type LiveValues = Partial<Pick<Traits, Key>>;

/** Pixels travel beside the message. */
function onWire({ input, ...rest }: LiveValues): Changes {
  if (input === undefined) return rest;
  return { ...rest, input: isPicture(input) ? sizeOf(input) : input };
}

const sizeOf = ({ width, height }: Size): Size => ({ width, height });
