/** One kind of question to the atlas: one in flight, the newest waiting, the newest answer kept. */
import { batch, type ReadonlySignal, signal } from "@preact/signals";
import type { Want, Wants } from "../../wire/atlas-protocol.ts";
import { Refusal, readArrays } from "../../wire/frame.ts";
import type { AtlasMessage } from "../../wire/protocol.ts";
import { OVERTAKE_MS } from "../../wire/requests.ts";

export type Answer<W extends Want> = Wants[W]["answer"] & {
  readonly about: Wants[W]["about"];
  readonly data: ReadonlyMap<string, Float32Array | Int32Array | Uint8Array>;
  readonly shapes: ReadonlyMap<string, number[]>;
};
export type Problem = { message: string; hint: string };

/** Sends a question; returns its number. null: there is nobody to ask. */
export type Sender = (want: Want, about: object) => number | null;

export class Channel<W extends Want> {
  /** The newest answer; it stays while another is on its way, and after an error. */
  readonly answer: ReadonlySignal<Answer<W> | null>;
  readonly problem: ReadonlySignal<Problem | null>;
  /** Is an answer on its way? */
  readonly waiting: ReadonlySignal<boolean>;
  private readonly answered = signal<Answer<W> | null>(null);
  private readonly failed = signal<Problem | null>(null);
  private readonly busy = signal(false);
  private flying: { seq: number; about: Wants[W]["about"]; at: number } | null = null;
  private next: Wants[W]["about"] | null = null;
  private overtake: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly want: W,
    private readonly send: Sender,
  ) {
    this.answer = this.answered;
    this.problem = this.failed;
    this.waiting = this.busy;
  }

  ask(about: Wants[W]["about"]): void {
    this.next = about;
    this.pump();
  }

  /** Forgets what was asked: its answer is not wanted any more. */
  drop(): void {
    clearTimeout(this.overtake);
    this.next = null;
    this.flying = null;
    this.busy.value = false;
  }

  /** Asks again what was not answered: it may be lost. */
  again(): void {
    this.next ??= this.flying?.about ?? null;
    this.flying = null;
    this.pump();
  }

  /** True when the message was this channel's. */
  receive(message: AtlasMessage, buffers: readonly unknown[]): boolean {
    const asked = this.flying;
    if (asked?.seq !== message.seq) return false;
    this.flying = null;
    batch(() => {
      if (message.error === undefined) this.take(message, asked.about, buffers);
      else this.failed.value = { message: message.error, hint: message.hint ?? "" };
      this.busy.value = false;
      this.pump();
    });
    return true;
  }

  private take(message: AtlasMessage, about: Wants[W]["about"], buffers: readonly unknown[]): void {
    try {
      const arrays = [...readArrays(message.arrays ?? [], buffers)];
      const data = new Map(arrays.map(([name, array]) => [name, array.data]));
      const shapes = new Map(arrays.map(([name, array]) => [name, array.shape]));
      this.answered.value = { ...(message as unknown as Wants[W]["answer"]), about, data, shapes };
      this.failed.value = null;
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      this.failed.value = { message: refusal.message, hint: refusal.hint };
    }
  }

  private pump(): void {
    clearTimeout(this.overtake);
    const about = this.next;
    if (about === null) return;
    const age = this.flying ? performance.now() - this.flying.at : OVERTAKE_MS;
    if (age < OVERTAKE_MS) {
      this.overtake = setTimeout(() => this.pump(), OVERTAKE_MS - age);
      return;
    }
    const seq = this.send(this.want, about);
    if (seq === null) return;
    this.next = null;
    this.flying = { seq, about, at: performance.now() };
    this.busy.value = true;
  }
}
