/** Requests for readings under the pointer; none is shown once the pointer has left. */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { Connection } from "../wire/kernel/connection.ts";
import { createRequests, type Requests } from "../wire/kernel/requests.ts";
import type { Probe, ProbeAnswer } from "../wire/protocol.ts";
import { VERSION } from "../wire/shared.ts";

type Question = Pick<Probe, "of" | "where" | "x" | "y">;

export class ProbeRequests {
  readonly #answer = signal<ProbeAnswer | null>(null);
  readonly value: ReadonlySignal<ProbeAnswer | null> = this.#answer;
  readonly #requests: Requests<Question>;
  #inside = false;

  constructor(connection: Connection) {
    this.#requests = createRequests({
      nextSeq: () => connection.nextSeq(),
      send: (question, seq) => connection.send({ v: VERSION, kind: "probe", seq, ...question }),
    });
  }

  ask(of: number, where: Probe["where"], x: number, y: number): void {
    this.#inside = true;
    // A question about a frame that is no longer the last one gets no answer.
    if (this.#requests.current()?.of !== of) this.#requests.drop();
    this.#requests.ask({ of, where, x, y });
  }

  end(): void {
    this.#inside = false;
    this.#requests.withdraw();
    this.#answer.value = null;
  }

  /** True when the answer (or the error) was ours. */
  answered(seq: number, answer: ProbeAnswer | null): boolean {
    const answered = this.#requests.answered(seq);
    if (answered?.isNewest && this.#inside) this.#answer.value = answer;
    return answered !== null;
  }
}
