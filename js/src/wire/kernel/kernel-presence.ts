/** Presence of the kernel: the greeting and the silence after it, kernels that go and come back. */
import { signal } from "@preact/signals";
import { type Gone, type HostModel, type HostWatch, watchHost } from "./host.ts";

/** How long `hello` may stay unanswered before we say so. */
const SILENCE_MS = 3000;

export class KernelPresence {
  /** Any answer of the kernel. */
  readonly heard = signal(false);
  /** `hello` has waited too long. */
  readonly silent = signal(false);
  readonly gone = signal<Gone | null>(null);
  readonly closed = signal(false);
  readonly host: HostWatch;
  #silence: ReturnType<typeof setTimeout> | undefined;

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
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      this.silent.value = !this.heard.peek();
    }, SILENCE_MS);
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
    else if (this.gone.peek()) this.#returned();
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
    this.on.back();
  }
}
