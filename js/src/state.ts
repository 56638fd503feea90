/** What the view is, in one word, and why, in a sentence. */
import { computed, type ReadonlySignal } from "@preact/signals";
import type { Gone } from "./host.ts";
import type { ErrorAnswer } from "./protocol.ts";

export type State = "connecting" | "live" | "busy" | "stale" | "no-kernel" | "closed";

const BUSY = "The kernel is busy with another cell.";

/** The circumstances that decide. */
export type Circumstances = {
  /** Any answer of the kernel. */
  heard: ReadonlySignal<boolean>;
  /** `hello` has waited too long. */
  silent: ReadonlySignal<boolean>;
  gone: ReadonlySignal<Gone | null>;
  closed: ReadonlySignal<boolean>;
  /** The answer takes long. */
  late: ReadonlySignal<boolean>;
  error: ReadonlySignal<ErrorAnswer | null>;
  /** Is there a picture, even an old one? */
  pictured: () => boolean;
  /** Does the host say that the kernel is occupied? */
  occupied: () => boolean;
};

export type Described = {
  state: ReadonlySignal<State>;
  reason: ReadonlySignal<string>;
  status: ReadonlySignal<string | null>;
};

export function describe(c: Circumstances): Described {
  const state = computed<State>(() => {
    if (c.closed.value) return "closed";
    if (c.gone.value) return "no-kernel";
    if (!c.heard.value) return c.silent.value && c.pictured() ? "no-kernel" : "connecting";
    if (c.late.value) return "busy";
    return c.error.value ? "stale" : "live";
  });
  const reason = computed(() => {
    switch (state.value) {
      case "closed":
        return "This widget was closed in Python.";
      case "no-kernel":
        return c.gone.value?.reason ?? "The last saved picture; no kernel answers.";
      case "connecting":
        if (!c.silent.value) return "Waiting for the kernel.";
        return c.occupied() ? BUSY : "The kernel does not answer: it is busy, or gone.";
      case "busy":
        return c.occupied() ? BUSY : "The model is still at it.";
      case "stale":
        return c.pictured() ? "The picture is of the text before." : "";
      default:
        return "";
    }
  });
  const status = computed(() => {
    if (state.value === "live") return "live";
    return state.value === "stale" ? `error: ${c.error.value?.message}` : null;
  });
  return { state, reason, status };
}
