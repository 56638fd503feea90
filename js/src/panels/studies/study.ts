/** A long question about the input of a frame: its answer comes in steps, and can be stopped. */
import { signal } from "@preact/signals";
import { createContext } from "preact";
import type { Connection } from "../../wire/kernel/connection.ts";
import type { FromKernel } from "../../wire/protocol.ts";
import type { Studies, StudyAsk } from "../../wire/questions.ts";
import { VERSION } from "../../wire/shared.ts";

export class Study<Q extends keyof Studies> {
  /** The last result, maybe a first one that a better one follows; `about`: what it is of. */
  readonly result = signal<(Studies[Q] & { about: unknown }) | null>(null);
  /** Why there is none; "" when there is nothing to say. */
  readonly problem = signal("");
  /** 0…1 while it is being answered. */
  readonly share = signal<number | null>(null);
  #seq = 0;
  #about: unknown;

  constructor(
    private readonly connection: Connection,
    private readonly question: Q,
    life: AbortSignal,
  ) {
    connection.listen({ hear: (message) => this.#hear(message), left: () => this.#end() }, life);
  }

  /** Asks about a frame; `about` tells whether the answer is still of what is shown. */
  ask(of: number, fields: object, about: unknown): void {
    this.#about = about;
    this.problem.value = "";
    this.share.value = this.#send(of, this.question, fields) ? 0 : null;
  }

  stop(): void {
    if (this.share.peek() !== null) this.#send(0, "", {});
    this.#end();
  }

  #send(of: number, question: StudyAsk["question"], fields: object): boolean {
    this.#seq = this.connection.nextSeq();
    return this.connection.send({ v: VERSION, kind: "study", seq: this.#seq, of, question, ...fields });
  }

  #end(): void {
    this.share.value = null;
  }

  #hear(message: FromKernel): void {
    if (!("seq" in message) || message.seq !== this.#seq) return;
    if (message.kind !== "study") {
      this.#end();
      if (message.kind === "error") this.problem.value = message.message;
      return;
    }
    const { done, total, result, problem } = message;
    this.share.value = done < total ? done / total : null;
    this.problem.value = problem ?? "";
    if (result) this.result.value = { ...(result as Studies[Q]), about: this.#about };
  }
}

export class AllStudies {
  readonly attribution: Study<"attribution">;
  readonly grid: Study<"grid">;
  readonly context: Study<"context">;
  readonly concepts: Study<"concepts">;

  constructor(connection: Connection, life: AbortSignal) {
    this.attribution = new Study(connection, "attribution", life);
    this.grid = new Study(connection, "grid", life);
    this.context = new Study(connection, "context", life);
    this.concepts = new Study(connection, "concepts", life);
  }
}

/** Those of the widget around; null where nobody would answer. */
export const StudyContext = createContext<AllStudies | null>(null);
