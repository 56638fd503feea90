/** A view of an atlas without a live model beside it: its traits, and whether anybody is there. */
import { batch, computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { describe } from "../../session/state.ts";
import type { HostModel } from "../../wire/host.ts";
import { KernelPresence } from "../../wire/kernel-presence.ts";
import { type ErrorAnswer, VERSION } from "../../wire/protocol.ts";
import { readInfo } from "./info.ts";
import { AtlasTalk } from "./questions.ts";
import { PARTS } from "./saved.ts";
import type { AtlasSession } from "./session.ts";
import { TraitBook } from "./traits.ts";

/** An answer that takes longer than this is worth a word to the person. */
const LATE_MS = 500;

export class StandaloneSession {
  private readonly traits: TraitBook;
  private readonly presence: KernelPresence;
  private readonly error = signal<ErrorAnswer | null>(null);
  private readonly late = signal(false);
  private readonly told: ReturnType<typeof describe>;
  /** How often the kernel came back. */
  private readonly returns = signal(0);
  private views = 0;

  constructor(
    private readonly model: HostModel,
    life: AbortSignal,
  ) {
    this.presence = new KernelPresence(model, life, {
      left: () => {},
      back: () => {
        this.presence.hello();
        this.returns.value++;
      },
    });
    this.traits = new TraitBook(model, life, (message) => this.presence.send(message));
    const { presence, late, error } = this;
    const pictured = () => PARTS.some((part) => this.traits.kept(part) !== undefined);
    this.told = describe({ presence, late, error, pictured });
    const listen = (message: unknown) => this.receive(message);
    model.on("msg:custom", listen);
    const stop = effect(() => {
      const status = this.told.status.value;
      if (status !== null && this.views > 0) this.traits.tell({ status });
    });
    life.addEventListener("abort", () => {
      model.off("msg:custom", listen);
      stop();
    });
  }

  /** A view's own handle, until `signal` aborts. */
  show(el: Element, signal: AbortSignal): AtlasSession {
    this.presence.host.addElement(el, signal);
    this.views++;
    this.presence.hello();
    const talk = new AtlasTalk(this.model, signal, () => this.presence.reachable());
    const stop = effect(() => {
      if (this.returns.value > 0) talk.again();
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

  private receive(message: unknown): void {
    const { v, kind } = (message ?? {}) as { v?: unknown; kind?: unknown };
    if (v !== VERSION) return;
    batch(() => {
      this.presence.heard.value = true;
      if (kind === "ready" || kind === "closed") this.presence.says(kind);
      if (kind === "error") this.error.value = message as ErrorAnswer;
      else if (kind === "atlas") this.error.value = null;
    });
  }
}
