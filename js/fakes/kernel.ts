/** A kernel in the page: answers what a live kernel would, so that views work without Jupyter. */
import type { ToKernel } from "../src/wire/protocol.ts";
import { Host } from "./host.ts";

export type KernelSetting = {
  silent?: boolean | undefined;
  /** Milliseconds a pass takes. */
  delay?: number | undefined;
};

export abstract class FakeKernel extends Host {
  readonly #setting: KernelSetting;
  /** Questions that are answered no further. */
  readonly #stopped = new Set<number>();

  constructor(traits: Record<string, unknown>, setting: KernelSetting = {}) {
    super(traits);
    this.#setting = setting;
  }

  override send(content: unknown, callbacks?: unknown, buffers: ArrayBuffer[] = []): void {
    super.send(content, callbacks, buffers);
    if (this.#setting.silent) return;
    const message = this.sent.at(-1)!;
    setTimeout(() => this.take(message, buffers), 0);
  }

  /** The widget asks. */
  protected abstract hear(message: ToKernel, buffers: ArrayBuffer[]): void;

  /** An answer, when the model has had its time. */
  protected later(message: object, buffers: DataView[] = []): void {
    const isStopped = () => "seq" in message && this.#stopped.has(Number(message.seq));
    setTimeout(() => isStopped() || this.kernel(message, buffers), 2 + (this.#setting.delay ?? 0));
  }

  private take(message: ToKernel, buffers: ArrayBuffer[]): void {
    if (message.kind === "hello") this.later({ kind: "ready" });
    else if (message.kind === "stop") this.#stopped.add(message.seq);
    else if (message.kind === "echo") this.later({ kind: "echo", id: message.id });
    else this.hear(message, buffers);
  }
}
