/** Presence of the kernel: the greeting and the silence after it, kernels that go and come back. */
import { signal } from "@preact/signals";
import { type Gone, type HostModel, type HostWatch, watchHost } from "./host.ts";

/**
 * How long `hello` may stay unanswered before we say so, and say it again: it may have come before the kernel knew of
 * the widget, and then nobody heard it. Each further time is twice as long, since the kernel may be busy; one that is
 * longer than the most was the last.
 */
const SILENCE_MS = 3000;
const MOST_SILENCE_MS = 600_000;

export class KernelPresence {
  /** Any answer of the kernel. */
  readonly heard = signal(false);
  /** `hello` has waited too long. */
  readonly silent = signal(false);
  readonly gone = signal<Gone | null>(null);
  readonly closed = signal(false);
  readonly host: HostWatch;
  #silence: ReturnType<typeof setTimeout> | undefined;
  /** `hello` was said again, so what was asked since the first may be lost as well. */
  #repeated = false;

  constructor(
    model: HostModel,
    life: AbortSignal,
    /** Greets the kernel. The kernel left; it is back, and may have missed what was sent. */
    private readonly on: { greet: () => void; left: () => void; back: () => void },
  ) {
    this.host = watchHost(model, life, (gone) => this.#move(gone));
    life.addEventListener("abort", () => this.rest());
  }

  /** Is there somebody to talk to, as far as we know? */
  reachable(): boolean {
    return !this.gone.peek() && !this.closed.peek();
  }

  hello(): void {
    if (!this.reachable()) return;
    this.on.greet();
    this.silent.value = false;
    this.#wait(SILENCE_MS);
  }

  #wait(time: number): void {
    this.rest();
    this.#silence = setTimeout(() => {
      if (this.heard.peek()) return;
      this.silent.value = this.#repeated = true;
      if (!this.reachable()) return;
      this.on.greet();
      if (time < MOST_SILENCE_MS) this.#wait(2 * time);
    }, time);
  }

  /** Waits for no answer to `hello` any more. */
  rest(): void {
    clearTimeout(this.#silence);
  }

  /** A message could not be sent. */
  lost(): void {
    this.#move({ reason: "The connection to the kernel is closed.", mayReturn: true });
  }

  /** What the kernel says of itself. */
  says(kind: "ready" | "closed"): void {
    if (kind === "closed") this.closed.value = true;
    // It is there after all: reconnected, or the host was wrong.
    else if (this.gone.peek() || this.#repeated) this.#returned();
  }

  #move(gone: Gone | null): void {
    const before = this.gone.peek();
    if (gone) {
      if (before && !before.mayReturn) return;
      this.gone.value = gone;
      this.on.left();
    } else if (before?.mayReturn) this.#returned();
  }

  #returned(): void {
    this.gone.value = null;
    this.#repeated = false;
    this.on.back();
  }
}
