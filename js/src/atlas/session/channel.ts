/** Channel of one kind of question to the atlas: one in flight, the newest waiting, the newest answer kept. */
import { batch, type ReadonlySignal, signal } from "@preact/signals";
import { readArrays } from "../../wire/arrays.ts";
import type { Want, Wants } from "../../wire/atlas-protocol.ts";
import { createRequests, type RequestOptions, type Requests } from "../../wire/kernel/requests.ts";
import type { AtlasMessage } from "../../wire/protocol.ts";
import { Refusal } from "../../wire/refusal.ts";

export type Answer<W extends Want> = Wants[W]["answer"] & {
  readonly about: Wants[W]["about"];
  readonly data: ReadonlyMap<string, Float32Array | Int32Array | Uint8Array>;
  readonly shapes: ReadonlyMap<string, readonly number[]>;
};
export type Problem = { message: string; hint: string };

export class Channel<W extends Want> {
  /** The newest answer; it stays while another is on its way, and after an error. */
  readonly answer: ReadonlySignal<Answer<W> | null>;
  readonly problem: ReadonlySignal<Problem | null>;
  readonly requests: Requests<Wants[W]["about"]>;
  readonly #newestAnswer = signal<Answer<W> | null>(null);
  readonly #newestProblem = signal<Problem | null>(null);

  constructor(options: RequestOptions<Wants[W]["about"]>) {
    this.requests = createRequests(options);
    this.answer = this.#newestAnswer;
    this.problem = this.#newestProblem;
  }

  /** Is an answer on its way? */
  get waiting(): ReadonlySignal<boolean> {
    return this.requests.waiting;
  }

  ask(about: Wants[W]["about"]): void {
    this.requests.ask(about);
  }

  /** True when the message was this channel's. */
  receive(message: AtlasMessage, buffers: readonly unknown[]): boolean {
    return batch(() => {
      // Of an answer to a question that was overtaken nobody hears.
      const answered = this.requests.answered(message.seq, false);
      if (answered?.isNewest) this.#take(message, answered.question, buffers);
      return answered !== null;
    });
  }

  #take(message: AtlasMessage, about: Wants[W]["about"], buffers: readonly unknown[]): void {
    const { error, hint = "", arrays = [] } = message;
    if (error !== undefined) {
      this.#newestProblem.value = { message: error, hint };
      return;
    }
    try {
      const parsed = [...readArrays(arrays, buffers)];
      const data = new Map(parsed.map(([name, array]) => [name, array.data]));
      const shapes = new Map(parsed.map(([name, array]) => [name, array.shape]));
      this.#newestAnswer.value = { ...(message as unknown as Wants[W]["answer"]), about, data, shapes };
      this.#newestProblem.value = null;
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      this.#newestProblem.value = { message: refusal.message, hint: refusal.hint };
    }
  }
}
