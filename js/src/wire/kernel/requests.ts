/**
 * Questions of one sort to the kernel: one in flight, the newest waiting. A question that waits for more than
 * OVERTAKE_MS is sent all the same, so that the kernel can stop the work that nobody waits for any more.
 */
import { type ReadonlySignal, type Signal, signal } from "@preact/signals";

export const OVERTAKE_MS = 400;
/** Slower answers than this are not asked for as fast as keys come: half their time is left for the next key. */
export const CALM_MS = 50;
const MOST_CALM_MS = 150;
/** An answer that takes longer than this is worth a word to the person. */
export const LATE_MS = 500;

export type RequestOptions<Q> = {
  /** A number that no other question on this wire has. */
  nextSeq(): number;
  /** False: there is nobody to ask, and the question waits for `again`. */
  send(question: Q, seq: number): boolean;
  /** True while the person waits for long. */
  late?: Signal<boolean> | undefined;
  /** After a slow answer, may what waits become newer for a while? */
  calm?: boolean;
};

export interface Requests<Q> {
  /** Is an answer to the newest question on its way? */
  readonly waiting: ReadonlySignal<boolean>;
  /** Asks as soon as the rules allow; a question that still waits is forgotten for this one. */
  ask(question: Q): void;
  /** The question that is on its way. */
  current(): Q | undefined;
  /** Is nothing in flight and nothing waiting? */
  idle(): boolean;
  /**
   * An answer of any kind came for `seq`; `isNews` when it tells the person something. null when no such question is
   * open; one that was overtaken is not the newest.
   */
  answered(seq: number, isNews?: boolean): { question: Q; isNewest: boolean } | null;
  /** Starts or stops asking; stopping forgets what is in flight, and keeps what waits. */
  setOpen(open: boolean): void;
  /** The question that waits is not meant any more. */
  withdraw(): void;
  /** No answer is wanted any more. */
  drop(): void;
  /** Asks again what was not answered: it may be lost. */
  again(): void;
}

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: a closure over its state; the functions in it are short.
export function createRequests<Q>({ nextSeq, send, late, calm = false }: RequestOptions<Q>): Requests<Q> {
  const waiting = signal(false);
  let isOpen = true;
  let next: { question: Q } | null = null;
  let newest: { question: Q; seq: number; at: number } | null = null;
  /** All questions without an answer, by their numbers. */
  const flying = new Map<number, Q>();
  /** Until then, what waits may still become newer. */
  let calmUntil = 0;
  let pumping: ReturnType<typeof setTimeout> | undefined;
  let lateness: ReturnType<typeof setTimeout> | undefined;

  function pump(): void {
    clearTimeout(pumping);
    if (!isOpen || !next) return;
    const now = performance.now();
    const until = newest ? newest.at + OVERTAKE_MS : calmUntil;
    if (now < until) pumping = setTimeout(pump, until - now);
    else launch(next.question, now);
  }

  function launch(question: Q, at: number): void {
    const before = newest;
    const seq = nextSeq();
    if (flying.size === 0) watch(at);
    next = null;
    newest = { question, seq, at };
    flying.set(seq, question);
    if (!send(question, seq)) {
      flying.delete(seq);
      newest = before;
      next ??= { question };
      if (!before) settle();
    }
    waiting.value = newest !== null;
  }

  function land(seq: number): void {
    // Answers come in order: what is older and still open was dropped on the way.
    for (const older of flying.keys()) if (older <= seq) flying.delete(older);
    if (!newest || newest.seq > seq) return;
    const now = performance.now();
    const took = now - newest.at;
    // Someone types faster than the model answers: fewer passes, each of a newer text.
    calmUntil = calm && next && took > CALM_MS ? now + Math.min(took / 2, MOST_CALM_MS) : 0;
    newest = null;
    waiting.value = false;
  }

  function watch(from: number): void {
    clearTimeout(lateness);
    lateness = setTimeout(() => setLate(true), LATE_MS - (performance.now() - from));
  }

  function settle(): void {
    clearTimeout(lateness);
    setLate(false);
  }

  function setLate(isLate: boolean): void {
    if (late) late.value = isLate;
  }

  function forget(): void {
    clearTimeout(pumping);
    flying.clear();
    newest = null;
    waiting.value = false;
    settle();
  }

  function withdraw(): void {
    clearTimeout(pumping);
    next = null;
  }

  return {
    waiting,
    withdraw,
    ask(question) {
      next = { question };
      pump();
    },
    current: () => newest?.question,
    idle: () => flying.size === 0 && !next,
    answered(seq, isNews = true) {
      if (!flying.has(seq)) return null;
      const question = flying.get(seq) as Q;
      const isNewest = newest !== null && newest.seq <= seq;
      land(seq);
      // Whoever was told that a question was overtaken still waits.
      if (isNews || flying.size === 0) {
        settle();
        if (newest) watch(newest.at);
      }
      pump();
      return { question, isNewest };
    },
    setOpen(open) {
      isOpen = open;
      if (open) pump();
      else forget();
    },
    drop() {
      withdraw();
      forget();
    },
    again() {
      next ??= newest;
      newest = null;
      flying.clear();
      pump();
    },
  };
}
