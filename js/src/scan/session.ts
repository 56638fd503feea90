/**
 * Session of a running scan: its progress, and what a person wants of it. The other half is
 * `widgets/scan_progress.py`.
 */
import { effect, type ReadonlySignal, signal } from "@preact/signals";
import { type HostModel, watchHost } from "../wire/kernel/host.ts";
import { syncTraits } from "../wire/kernel/synced-traits.ts";

export type Phase = "waiting" | "running" | "held" | "stopped" | "done" | "failed";
export type Done = {
  documents: number;
  tokens: number;
  /** Tokens a second, seconds since it began, seconds that are left, documents in all; null where nobody knows. */
  rate: number | null;
  seconds: number;
  left: number | null;
  total: number | null;
};
export type Exemplar = { value: number; pieces: string[]; values: number[]; id: string };
export type UnitExemplars = { unit: string; found: Exemplar[] };
type Wish = "hold" | "go" | "stop";

export type ScanSession = {
  phase: ReadonlySignal<Phase>;
  done: ReadonlySignal<Done>;
  shown: ReadonlySignal<UnitExemplars[]>;
  words: ReadonlySignal<string>;
  /** The kernel hears the buttons while the cell runs. */
  heard: ReadonlySignal<boolean>;
  wish: ReadonlySignal<Wish | null>;
  /** The kernel is gone, and the scan with it. */
  gone: ReadonlySignal<boolean>;
  ask(wish: Wish): void;
  choose(units: string): void;
};

const NONE: Done = { documents: 0, tokens: 0, rate: null, seconds: 0, left: null, total: null };

/** `el`: the element of its view. */
export function watch(model: HostModel, el: Element, life: AbortSignal): ScanSession {
  const traits = syncTraits(model, life);
  const follow = <T>(name: string, otherwise: T) =>
    traits.trait(name, (value) => (value as T | undefined) ?? otherwise);
  const phase = follow<Phase>("phase", "waiting");
  const wish = signal<Wish | null>(null);
  const gone = signal(false);
  const host = watchHost(model, life, (reason) => {
    gone.value = reason !== null;
  });
  host.addElement(el, life);
  const heard = follow<boolean>("heard", false);
  // What is sent while the cell runs tells whether the kernel hears it then; so it is said anew for every scan.
  const stop = effect(() => {
    if (phase.value === "waiting" || phase.value === "running") {
      if (!heard.peek()) model.send({ kind: "hello" });
    }
  });
  life.addEventListener("abort", stop);
  return {
    phase,
    wish,
    gone,
    // Before the first documents Python has nothing to tell: an empty object.
    done: traits.trait("done", (value) => ({ ...NONE, ...(value as Partial<Done> | undefined) })),
    shown: follow<UnitExemplars[]>("shown", []),
    words: follow<string>("words", ""),
    heard,
    ask(wanted) {
      wish.value = wanted;
      model.send({ kind: wanted });
    },
    choose: (units) => model.send({ kind: "units", units }),
  };
}
