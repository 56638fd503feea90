/** Traits that the atlas' views have of their own, two-way with Python. */
import { batch, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { HostModel } from "../../wire/host.ts";
import { same } from "../../wire/inputs.ts";
import { type Changes, type ToKernel, VERSION } from "../../wire/protocol.ts";
import type { Part } from "./saved.ts";

/** The trait of what is kept. */
const KEPT = "atlas_snapshot";

export class TraitBook {
  private readonly traits = new Map<string, Signal<unknown>>();

  constructor(
    private readonly model: HostModel,
    private readonly life: AbortSignal,
    private readonly send: (message: ToKernel) => unknown,
  ) {}

  /** A trait as the page has it; undefined where there is none. */
  trait(name: string): ReadonlySignal<unknown> {
    return this.own(name);
  }

  /** A person's change: shown at once, and told to Python, which does not say it back. */
  tell(wanted: Changes): void {
    const there = Object.entries(wanted).filter(([name]) => this.model.get(name) !== undefined);
    if (there.length === 0) return;
    batch(() => {
      for (const [name, value] of there) {
        this.own(name).value = value;
        this.model.set(name, value);
      }
    });
    this.send({ v: VERSION, kind: "set", changes: Object.fromEntries(there) });
  }

  /** Keeps a part of what is on the screen, for a saved notebook alone: it never travels to the kernel. */
  keep(part: Part, written: string): void {
    this.model.set(KEPT, { ...(this.model.get(KEPT) as object | undefined), [part]: written });
  }

  kept(part: Part): unknown {
    return (this.model.get(KEPT) as Partial<Record<Part, unknown>> | undefined)?.[part];
  }

  private own(name: string): Signal<unknown> {
    const known = this.traits.get(name);
    if (known) return known;
    const made = signal(this.model.get(name));
    const listen = () => {
      const value = this.model.get(name);
      if (!same(made.peek(), value)) made.value = value;
    };
    this.model.on(`change:${name}`, listen);
    this.life.addEventListener("abort", () => this.model.off(`change:${name}`, listen));
    this.traits.set(name, made);
    return made;
  }
}
