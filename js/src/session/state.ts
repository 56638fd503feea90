/** Derives the view's state, in one word, and its reason, in a sentence. */
import { computed, type ReadonlySignal } from "@preact/signals";
import type { KernelPresence } from "../wire/kernel/kernel-presence.ts";
import type { ErrorAnswer } from "../wire/protocol.ts";

export type State = "connecting" | "live" | "busy" | "stale" | "no-kernel" | "closed";

const BUSY = "The kernel is busy with another cell.";

/** The circumstances that decide. */
export type Circumstances = {
  presence: KernelPresence;
  /** The answer takes long. */
  late: ReadonlySignal<boolean>;
  error: ReadonlySignal<ErrorAnswer | null>;
  /** Is there a picture, even an old one? */
  pictured: () => boolean;
};

export type Described = {
  state: ReadonlySignal<State>;
  reason: ReadonlySignal<string>;
  status: ReadonlySignal<string | null>;
  /** Nothing is shown, and nobody is there who could change that. */
  blank: ReadonlySignal<boolean>;
};

export function describe({ presence, late, error, pictured }: Circumstances): Described {
  const { heard, silent, gone, closed, host } = presence;
  const state = computed<State>(() => {
    if (closed.value) return "closed";
    if (gone.value) return "no-kernel";
    if (!heard.value) return silent.value && pictured() ? "no-kernel" : "connecting";
    if (late.value) return "busy";
    return error.value ? "stale" : "live";
  });
  const reason = computed(() => {
    switch (state.value) {
      case "closed":
        return "This widget was closed in Python.";
      case "no-kernel":
        return gone.value?.reason ?? "The last saved picture; no kernel answers.";
      case "connecting":
        if (!silent.value) return "Waiting for the kernel.";
        return host.busy() ? BUSY : "The kernel does not answer: it is busy, or gone.";
      case "busy":
        return host.busy() ? BUSY : "The model is still running.";
      case "stale":
        return pictured() ? "The picture shows what was there before the last change." : "";
      default:
        return "";
    }
  });
  const status = computed(() => {
    if (state.value === "live") return "live";
    return state.value === "stale" ? `error: ${error.value?.message}` : null;
  });
  const blank = computed(() => {
    const nobody = closed.value || gone.value !== null || (silent.value && !heard.value);
    return nobody && !pictured();
  });
  return { state, reason, status, blank };
}
