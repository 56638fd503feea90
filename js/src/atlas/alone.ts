/** A view of an atlas without a live model beside it: its traits, and whether anybody is there. */
import { batch, computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { type Gone, type HostModel, watchHost } from "../host.ts";
import { type ErrorAnswer, type ToKernel, VERSION } from "../protocol.ts";
import { describe } from "../state.ts";
import { readInfo } from "./info.ts";
import { PARTS } from "./saved.ts";
import type { AtlasSession } from "./session.ts";
import { AtlasTalk } from "./talk.ts";
import { TraitBook } from "./traits.ts";

/** An answer that takes longer than this is worth a word to the person. */
const LATE_MS = 500;
/** How long `hello` may stay unanswered before we say so. */
const SILENCE_MS = 3000;

export class Alone {
  private readonly traits: TraitBook;
  private readonly heard = signal(false);
  private readonly silent = signal(false);
  private readonly gone = signal<Gone | null>(null);
  private readonly closed = signal(false);
  private readonly error = signal<ErrorAnswer | null>(null);
  private readonly late = signal(false);
  private readonly told: ReturnType<typeof describe>;
  private readonly host: ReturnType<typeof watchHost>;
  private readonly back = signal(0);
  private silence: ReturnType<typeof setTimeout> | undefined;
  private views = 0;

  constructor(
    private readonly model: HostModel,
    life: AbortSignal,
  ) {
    this.host = watchHost(model, life, (gone) => this.moved(gone));
    this.traits = new TraitBook(model, life, (message) => this.send(message));
    const { heard, silent, gone, closed, late, error } = this;
    this.told = describe({
      ...{ heard, silent, gone, closed, late, error },
      pictured: () => PARTS.some((part) => this.traits.kept(part) !== undefined),
      occupied: () => this.host.busy(),
    });
    const listen = (message: unknown) => this.receive(message);
    model.on("msg:custom", listen);
    const stop = effect(() => {
      const status = this.told.status.value;
      if (status !== null && this.views > 0) this.traits.tell({ status });
    });
    life.addEventListener("abort", () => {
      model.off("msg:custom", listen);
      clearTimeout(this.silence);
      stop();
    });
  }

  /** A view's own handle, until `signal` aborts. */
  show(el: Element, signal: AbortSignal): AtlasSession {
    this.host.addElement(el, signal);
    this.views++;
    this.hello();
    const talk = new AtlasTalk(this.model, signal, () => this.reachable());
    const stop = effect(() => {
      if (this.back.value > 0) talk.again();
    });
    const watches = new Map<unknown, () => void>();
    signal.addEventListener("abort", () => {
      stop();
      for (const end of watches.values()) end();
      this.views--;
      if (this.views === 0) this.traits.tell({ status: "not shown" });
    });
    const info = this.traits.trait("atlas_info");
    const unit = this.traits.trait("unit");
    return {
      info: computed(() => readInfo(info.value)),
      unit: computed(() => (typeof unit.value === "string" ? unit.value : null)),
      state: this.told.state,
      // Here an error is a change that Python refused.
      reason: computed(() =>
        this.told.state.value === "stale" ? this.error.value!.message : this.told.reason.value,
      ),
      live: null,
      setUnit: (name) => this.traits.tell({ unit: name }),
      channel: (want) => {
        const made = talk.channel(want);
        watches.set(made, this.watch(made));
        return made;
      },
      end: (channel) => {
        watches.get(channel)?.();
        talk.end(channel);
      },
      tell: (changes) => this.traits.tell(changes),
      trait: (name) => this.traits.trait(name),
      keep: (part, written) => this.traits.keep(part, written),
      kept: (part) => this.traits.kept(part),
    };
  }

  /** Says so when an answer takes long. */
  private watch({ waiting }: { waiting: ReadonlySignal<boolean> }): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = effect(() => {
      clearTimeout(timer);
      if (waiting.value) timer = setTimeout(() => this.setLate(true), LATE_MS);
      else this.setLate(false);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }

  private setLate(late: boolean): void {
    this.late.value = late;
  }

  private send(message: ToKernel): void {
    if (!this.reachable()) return;
    try {
      this.model.send(message);
    } catch {
      this.moved({ reason: "The connection to the kernel is closed.", mayReturn: true });
    }
  }

  private reachable(): boolean {
    return !this.gone.peek() && !this.closed.peek();
  }

  private hello(): void {
    if (!this.reachable()) return;
    this.send({ v: VERSION, kind: "hello" });
    this.silent.value = false;
    clearTimeout(this.silence);
    this.silence = setTimeout(() => {
      this.silent.value = !this.heard.peek();
    }, SILENCE_MS);
  }

  private moved(gone: Gone | null): void {
    const before = this.gone.peek();
    if (gone) {
      if (!before || before.mayReturn) this.gone.value = gone;
    } else if (before?.mayReturn) {
      this.gone.value = null;
      this.hello();
      this.back.value++;
    }
  }

  private receive(message: unknown): void {
    const { v, kind } = (message ?? {}) as { v?: unknown; kind?: unknown };
    if (v !== VERSION) return;
    batch(() => {
      this.heard.value = true;
      if (kind === "closed") this.closed.value = true;
      if (kind === "error") this.error.value = message as ErrorAnswer;
      else if (kind === "atlas") this.error.value = null;
    });
  }
}
