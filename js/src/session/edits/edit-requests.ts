/** Questions of one sort to the edits of the model: one in flight; long ones are answered in parts, and can be stopped. */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { Connection } from "../../wire/kernel/connection.ts";
import { createRequests, type Requests } from "../../wire/kernel/requests.ts";
import type { ToKernel } from "../../wire/protocol.ts";
import { VERSION } from "../../wire/shared.ts";

/** What a view sees of them. */
export interface EditQuestion<Q, A> {
  /** The last answer, maybe to edits of before. */
  readonly value: ReadonlySignal<A | null>;
  /** Is another on its way? */
  readonly waiting: ReadonlySignal<boolean>;
  ask(question: Q): void;
  /** What came so far is enough. */
  stop(): void;
}

type Answer = { problem: string | null; done?: boolean };
type Long<A> = {
  /** A part behind those that came before. */
  join?(before: A | null, part: A): A;
  /** In the place of an answer: why there is none. */
  refused(problem: string): A;
};

export class EditRequests<Q, A extends Answer> implements EditQuestion<Q, A> {
  readonly value = signal<A | null>(null);
  readonly waiting: ReadonlySignal<boolean>;
  readonly #requests: Requests<Q>;
  #seq = 0;

  constructor(
    private readonly connection: Connection,
    compose: (question: Q) => object,
    private readonly long?: Long<A>,
  ) {
    this.#requests = createRequests({
      nextSeq: () => connection.nextSeq(),
      send: (question, seq) => {
        this.#seq = seq;
        if (long) this.value.value = null;
        return connection.send({ v: VERSION, seq, ...compose(question) } as ToKernel);
      },
    });
    this.waiting = this.#requests.waiting;
  }

  ask(question: Q): void {
    if (!this.waiting.peek() || this.#requests.current() !== question) this.#requests.ask(question);
  }

  stop(): void {
    this.connection.send({ v: VERSION, kind: "stop", seq: this.#seq });
  }

  drop(): void {
    this.#requests.drop();
  }

  /** True when the answer was ours; null: it was broken off, or refused for a reason. */
  answered(seq: number, answer: A | null, problem = ""): boolean {
    const { long, value } = this;
    const part = answer?.done === false && seq === this.#seq;
    const ours = part || this.#requests.answered(seq) !== null;
    if (ours && answer) value.value = long?.join?.(value.peek(), answer) ?? answer;
    else if (ours && problem && long) value.value = long.refused(problem);
    return ours;
  }
}
