/**
 * Traits of a widget, two-way with Python.
 *
 * A person's change is shown at once, waits in `pending` and travels inside the next request. Python's changes arrive
 * as trait changes. Three rules keep the two from fighting: what equals the page's own value does nothing; what the
 * page itself sent and has not had answered is an echo; and what the person changed since is about to be sent anyway.
 */
import { batch, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { same } from "../inputs.ts";
import type { HostModel } from "./host.ts";

/** Values by trait, as the page has them; pictures with their pixels. */
type Values = Record<string, unknown>;

export interface SyncedTraits {
  /**
   * A trait as the page has it. `read` brings it into a shape that can be relied on, because saved notebooks may hold
   * anything; `moved` is called when Python changes it.
   */
  trait<T>(name: string, read?: (value: unknown) => T, moved?: () => void): ReadonlySignal<T>;
  /** A person changed something, which the next request takes along. False when it is as it was. */
  change(name: string, value: unknown): boolean;
  /** Shows changes that are told to Python at once, where there is such a trait; null when there is none. */
  apply(changes: Values): Values | null;
  /** The changes a request takes along. */
  take(seq: number): Values;
  /** What a person changed and no request has taken yet is not meant any more. */
  forget(name: string): void;
  /** The kernel has answered `seq`, so it has heard all changes up to there. */
  heard(seq: number): void;
  /** What was sent may be lost: send it again with the next request. */
  takeBack(): void;
}

export function syncTraits(model: HostModel, life: AbortSignal): SyncedTraits {
  const traits = new Map<string, Signal<unknown>>();
  /** Changes that no request has taken yet. */
  let pending: Values = {};
  /** Changes in requests without an answer, oldest first. */
  let sent: { seq: number; changes: Values }[] = [];

  function trait(name: string, read = (value: unknown) => value, moved = () => {}): Signal<unknown> {
    const before = traits.get(name);
    if (before) return before;
    const own = signal(read(model.get(name)));
    const listen = () => {
      const value = read(model.get(name));
      if (same(own.peek(), value)) return;
      if (name in pending || sent.some(({ changes }) => same(changes[name], value))) {
        model.set(name, own.peek());
        return;
      }
      own.value = value;
      moved();
    };
    model.on(`change:${name}`, listen);
    life.addEventListener("abort", () => model.off(`change:${name}`, listen));
    traits.set(name, own);
    return own;
  }

  function show(name: string, value: unknown): void {
    trait(name).value = value;
    // Never saved, so never sent: it keeps the model's copy level with the page, so that Python setting the old
    // value again is a change, and a saved notebook holds what was on the screen.
    model.set(name, value);
  }

  return {
    trait: trait as SyncedTraits["trait"],
    change(name, value) {
      if (same(trait(name).peek(), value)) return false;
      show(name, value);
      pending = { ...pending, [name]: value };
      return true;
    },
    apply(changes) {
      const there = Object.entries(changes).filter(([name]) => model.get(name) !== undefined);
      batch(() => {
        for (const [name, value] of there) show(name, value);
      });
      return there.length > 0 ? Object.fromEntries(there) : null;
    },
    take(seq) {
      const changes = pending;
      pending = {};
      if (Object.keys(changes).length > 0) sent.push({ seq, changes });
      return changes;
    },
    forget(name) {
      delete pending[name];
    },
    heard(seq) {
      sent = sent.filter((item) => item.seq > seq);
    },
    takeBack() {
      pending = Object.assign({}, ...sent.map((item) => item.changes), pending);
      sent = [];
    },
  };
}
