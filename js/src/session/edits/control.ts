/** Requests for the control of the edits that a frame is of; one in flight. */
import { signal } from "@preact/signals";
import type { Connection } from "../../wire/kernel/connection.ts";
import { createRequests, type Requests } from "../../wire/kernel/requests.ts";
import type { ControlAnswer } from "../../wire/protocol.ts";
import { VERSION } from "../../wire/shared.ts";

export class ControlRequests {
  /** The last answer, maybe of an earlier frame. */
  readonly value = signal<ControlAnswer | null>(null);
  readonly #requests: Requests<number>;

  constructor(connection: Connection) {
    this.#requests = createRequests({
      nextSeq: () => connection.nextSeq(),
      send: (of, seq) => connection.send({ v: VERSION, kind: "control", seq, of }),
    });
  }

  ask(of: number): void {
    if (this.#requests.current() !== of) this.#requests.ask(of);
  }

  drop(): void {
    this.#requests.drop();
  }

  /** True when the answer was ours; null: it was broken off. */
  answered(seq: number, answer: ControlAnswer | null): boolean {
    const ours = this.#requests.answered(seq) !== null;
    if (ours && answer) this.value.value = answer;
    return ours;
  }
}
