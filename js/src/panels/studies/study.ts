/** A long question about what a frame shows: its answer comes in steps, and can be stopped. */
import { signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { same } from "../../wire/inputs.ts";
import type { Connection } from "../../wire/kernel/connection.ts";
import type { FromKernel } from "../../wire/protocol.ts";
import type { Studies } from "../../wire/questions.ts";
import { VERSION } from "../../wire/shared.ts";
import type { Continued } from "./wire.ts";

/** A result, and what it is of. */
export type Known<Q extends keyof Studies> = Studies[Q] & { about: unknown };

export class Study<Q extends keyof Studies> {
  /** The last result, maybe a first one that a better one follows. */
  readonly result = signal<Known<Q> | null>(null);
  /** Why there is none; "" when there is nothing to say. */
  readonly problem = signal("");
  /** 0…1 while it is being answered. */
  readonly share = signal<number | null>(null);
  /** It was broken off: what it is of is no longer shown. */
  readonly broken = signal(false);
  #seq = 0;
  #about: unknown;

  constructor(
    private readonly connection: Connection,
    private readonly question: Q,
    life: AbortSignal,
    /** Where the result comes in parts: one of them behind those before. */
    private readonly join?: (before: Studies[Q] | null, part: Studies[Q]) => Studies[Q],
  ) {
    connection.listen({ hear: (message) => this.#hear(message), left: () => this.#lose() }, life);
  }

  /** Asks about a frame; `about` tells whether the answer is still of what is shown. */
  ask(of: number, fields: object, about: unknown): void {
    this.#about = about;
    this.problem.value = "";
    this.broken.value = false;
    if (this.join) this.result.value = null;
    const seq = this.connection.nextSeq();
    const message = { v: VERSION, kind: "study" as const, seq, of, question: this.question };
    this.#seq = seq;
    this.share.value = 0;
    if (!this.connection.send({ ...message, ...fields })) this.#lose();
  }

  /** Was it asked about this, and not broken off since? */
  isAskedOf(about: unknown): boolean {
    return this.#seq > 0 && !this.broken.peek() && same(this.#about, about);
  }

  /** What came so far is enough; the last word on it may follow. */
  stop(): void {
    if (this.share.peek() !== null) this.connection.send({ v: VERSION, kind: "stop", seq: this.#seq });
    this.share.value = null;
  }

  /** Nobody is there who would answer. */
  #lose(): void {
    this.#seq = 0;
    this.share.value = null;
  }

  #hear(message: FromKernel): void {
    if (!("seq" in message) || message.seq !== this.#seq) return;
    if (message.kind !== "study") {
      this.broken.value = message.kind === "overtaken";
      this.share.value = null;
      if (message.kind === "error") this.problem.value = message.message;
      return;
    }
    const { done, total, result, problem } = message;
    this.share.value = done < total ? done / total : null;
    this.problem.value = problem ?? "";
    if (!result) return;
    const part = result as Studies[Q];
    this.result.value = { ...(this.join?.(this.result.peek(), part) ?? part), about: this.#about };
  }
}

/** Tokens come in parts, each from its first on. */
const joined = (before: Continued | null, part: Continued): Continued => ({
  ...part,
  tokens: [...(before?.tokens.slice(0, part.first) ?? []), ...part.tokens],
});

export class AllStudies {
  readonly attribution: Study<"attribution">;
  readonly grid: Study<"grid">;
  readonly control: Study<"control">;
  readonly continue: Study<"continue">;
  readonly dose: Study<"dose">;
  readonly context: Study<"context">;
  readonly concepts: Study<"concepts">;

  constructor(connection: Connection, life: AbortSignal) {
    this.attribution = new Study(connection, "attribution", life);
    this.grid = new Study(connection, "grid", life);
    this.control = new Study(connection, "control", life);
    this.continue = new Study(connection, "continue", life, joined);
    this.dose = new Study(connection, "dose", life);
    this.context = new Study(connection, "context", life);
    this.concepts = new Study(connection, "concepts", life);
  }
}

/** Those of the widget around; null where nobody would answer. */
export const StudyContext = createContext<AllStudies | null>(null);

/** One of them. */
export const useStudy = <Q extends keyof AllStudies>(question: Q): AllStudies[Q] | null =>
  useContext(StudyContext)?.[question] ?? null;
