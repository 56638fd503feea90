/**
 * When to ask: one request in flight, the newest waiting. A request that waits for more than OVERTAKE_MS is sent all
 * the same, so that the kernel can stop the pass that nobody waits for any more.
 */

export const OVERTAKE_MS = 400;
/** Slower answers than this are not asked for as fast as keys come: half their time is left for the next key. */
export const CALM_MS = 50;
const MOST_CALM_MS = 150;
/** An answer that takes longer than this is worth a word to the person. */
export const LATE_MS = 500;

export type Loop = {
  /** Something changed: ask as soon as the rules allow. */
  want(): void;
  /**
   * An answer of any kind came for `seq`; `isNews` when it tells the person something. False when no such request is
   * open.
   */
  answered(seq: number, isNews: boolean): boolean;
  /** Starts or stops asking; stopping forgets what is in flight. */
  setOpen(open: boolean): void;
  /** A number that no other request of this or an earlier page has. */
  nextSeq(): number;
  /** Is nothing in flight and nothing waiting? */
  idle(): boolean;
};

export function createLoop(ask: (seq: number) => void, setLate: (late: boolean) => void): Loop {
  // Two pages on one kernel hear each other's frames, and a reloaded page hears its predecessor's: the clock keeps
  // their numbers apart, and rising.
  let seq = Date.now();
  let open = false;
  let waiting = false;
  let newest: { seq: number; at: number } | null = null;
  const flying = new Set<number>();
  /** Until then, what waits may still become newer. */
  let calm = 0;
  /** When the person began to wait. */
  let since = 0;
  let overtake: ReturnType<typeof setTimeout> | undefined;
  let late: ReturnType<typeof setTimeout> | undefined;

  function pump(): void {
    clearTimeout(overtake);
    if (!open || !waiting) return;
    const now = performance.now();
    if (newest && now - newest.at < OVERTAKE_MS) {
      overtake = setTimeout(pump, OVERTAKE_MS - (now - newest.at));
      return;
    }
    if (now < calm) {
      overtake = setTimeout(pump, calm - now);
      return;
    }
    waiting = false;
    if (flying.size === 0) watch(now);
    newest = { seq: ++seq, at: now };
    flying.add(seq);
    ask(seq);
  }

  function watch(from: number): void {
    since = from;
    clearTimeout(late);
    late = setTimeout(() => setLate(true), LATE_MS - (performance.now() - since));
  }

  function rest(): void {
    clearTimeout(late);
    setLate(false);
  }

  return {
    want() {
      waiting = true;
      pump();
    },
    answered(answer, isNews) {
      if (!flying.has(answer)) return false;
      // Answers come in order: what is older and still open was dropped on the way.
      for (const older of flying) if (older <= answer) flying.delete(older);
      if (newest && newest.seq <= answer) {
        const now = performance.now();
        const took = now - newest.at;
        // Someone types faster than the model answers: fewer passes, each of a newer text.
        calm = waiting && took > CALM_MS ? now + Math.min(took / 2, MOST_CALM_MS) : 0;
        newest = null;
      }
      // Whoever was told that a question was overtaken still waits.
      if (isNews || flying.size === 0) {
        rest();
        if (newest) watch(newest.at);
      }
      pump();
      return true;
    },
    setOpen(value) {
      open = value;
      if (!open) {
        clearTimeout(overtake);
        flying.clear();
        newest = null;
        rest();
      }
      pump();
    },
    nextSeq: () => ++seq,
    idle: () => flying.size === 0 && !waiting,
  };
}
