/** Session of an atlas' view without a live model beside it: its traits, and whether the kernel is there. */
import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { describe } from "../../session/state.ts";
import { type Connection, connect } from "../../wire/kernel/connection.ts";
import type { HostModel } from "../../wire/kernel/host.ts";
import { type SyncedTraits, syncTraits } from "../../wire/kernel/synced-traits.ts";
import type { ErrorAnswer } from "../../wire/protocol.ts";
import { VERSION } from "../../wire/shared.ts";
import { keptPart, PARTS } from "./saved.ts";
import type { AtlasSession } from "./session.ts";
import { sessionOver } from "./session-over.ts";

/** A result is a picture by itself, also where no kernel answers: its trait is called like its view. */
const isPictured = (model: HostModel) => model.get(`${model.get("layout_kind")}_info`) != null;

export class StandaloneSession {
  readonly connection: Connection;
  readonly traits: SyncedTraits;
  readonly #error = signal<ErrorAnswer | null>(null);
  readonly #late = signal(false);
  readonly #described: ReturnType<typeof describe>;
  #views = 0;

  constructor(
    readonly model: HostModel,
    life: AbortSignal,
  ) {
    this.connection = connect(model, life);
    this.traits = syncTraits(model, life);
    const error = this.#error;
    const late = this.#late;
    const { presence } = this.connection;
    const pictured = () => PARTS.some((part) => keptPart(model, part) !== undefined) || isPictured(model);
    this.#described = describe({ presence, late, error, pictured });
    this.connection.listen(
      {
        hear: (message) => {
          if (message.kind === "error") error.value = message;
          else if (message.kind === "atlas") error.value = null;
        },
        refuse: (refusal) => {
          error.value = refusal;
        },
        back: () => presence.hello(),
      },
      life,
    );
    const stop = effect(() => this.#tell(this.#described.status.value));
    life.addEventListener("abort", stop);
  }

  /** Nothing is shown, and nobody is there who could change that. */
  get blank(): ReadonlySignal<boolean> {
    return this.#described.blank;
  }

  /** A view's own handle, until `signal` aborts. */
  show(el: Element, signal: AbortSignal): AtlasSession {
    const { presence } = this.connection;
    presence.host.addElement(el, signal);
    this.#views++;
    presence.hello();
    signal.addEventListener("abort", () => {
      if (this.#views === 1) this.#tell("not shown");
      this.#views--;
      if (this.#views === 0) presence.rest();
    });
    const { state, reason } = this.#described;
    const unit = this.traits.trait("unit", (value) => (typeof value === "string" ? value : null));
    // Here an error is a change that Python refused.
    const why = computed(() => (state.value === "stale" ? this.#error.value!.message : reason.value));
    return sessionOver(this, signal, { unit, state, reason: why, live: null }, this.#late);
  }

  /** Python's `status` trait. */
  #tell(status: string | null): void {
    if (status === null || this.#views === 0) return;
    const changes = this.traits.apply({ status });
    if (changes) this.connection.send({ v: VERSION, kind: "set", changes });
  }
}
