/**
 * How to get small answers without waiting for TCP.
 *
 * A Jupyter server leaves Nagle's algorithm on: a small reply behind the kernel's busy and idle messages waits for the
 * browser's delayed acknowledgement, some 40 ms. Two remedies need no change of the server: a tiny message of ours a
 * few milliseconds after the request (its packet carries the acknowledgement), or replies too large to be held back.
 * Either may cost more than it saves (a slow remote link, another host), so the link is measured.
 */

export type Remedy = "plain" | "nudge" | "pad";

/** Replies of this size are not held back. */
export const PAD_BYTES = 66_000;
export const NUDGE_AFTER_MS = 4;
/** A reply as small as a token strip's. */
const SMALL = 2_000;
const ROUNDS = 5;
/** A remedy must save this much, and this share, before it is worth having. */
const WORTH_MS = 6;
const WORTH_SHARE = 0.7;
/** An echo that takes longer says that the kernel is occupied, nothing about the link. */
const PATIENCE_MS = 1500;
const MEASURE_AGAIN_MS = 10 * 60_000;

export type LinkWire = {
  echo(id: number, size: number): void;
  nudge(): void;
  nextId(): number;
  /** Is nothing else going on? */
  idle(): boolean;
};

export class Link {
  remedy: Remedy = "plain";
  /** Median round trips of the last measurement, milliseconds. */
  medians: Partial<Record<Remedy, number>> = {};
  private waiting: { id: number; done: (ok: boolean) => void } | null = null;
  private running = false;
  private large = false;
  private padded = false;
  private measuredAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly wire: LinkWire) {}

  /** Call whenever a frame has come; measures when there is no recent measurement. */
  consider(): void {
    if (this.running || performance.now() - this.measuredAt < MEASURE_AGAIN_MS) return;
    this.running = true;
    void this.measure().then((finished) => {
      this.running = false;
      if (finished) this.measuredAt = performance.now();
    });
  }

  /** A frame came: frames too large to be held back need no remedy. */
  saw(buffers: readonly unknown[]): void {
    let bytes = 0;
    for (const buffer of buffers) bytes += (buffer as { byteLength?: number }).byteLength ?? 0;
    // A padded frame says nothing about its own size.
    if (!this.padded) this.large = bytes >= PAD_BYTES;
  }

  /** What to do about the next request. */
  remedyForAsk(): Remedy {
    const remedy = this.large ? "plain" : this.remedy;
    this.padded = remedy === "pad";
    return remedy;
  }

  nudgeSoon(): void {
    setTimeout(() => this.wire.nudge(), NUDGE_AFTER_MS);
  }

  /** An `echo` came back. */
  answered(id: number): void {
    if (this.waiting?.id === id) this.waiting.done(true);
  }

  /** Gives up, for instance because the kernel is gone. */
  stop(): void {
    this.waiting?.done(false);
  }

  /** False when something else came in between; the next frame then tries again. */
  private async measure(): Promise<boolean> {
    const times: Record<Remedy, number[]> = { plain: [], nudge: [], pad: [] };
    for (let round = 0; round < ROUNDS; round++) {
      for (const remedy of ["plain", "nudge", "pad"] as const) {
        await idleTime();
        if (!this.wire.idle()) return false;
        const time = await this.roundTrip(remedy);
        if (time === null) return false;
        times[remedy].push(time);
      }
    }
    for (const remedy of ["plain", "nudge", "pad"] as const) this.medians[remedy] = median(times[remedy]);
    this.remedy = choose(this.medians as Record<Remedy, number>);
    return true;
  }

  private roundTrip(remedy: Remedy): Promise<number | null> {
    return new Promise((resolve) => {
      const id = this.wire.nextId();
      const start = performance.now();
      let nudge: ReturnType<typeof setTimeout> | undefined;
      const timeout = setTimeout(() => this.waiting?.done(false), PATIENCE_MS);
      this.waiting = {
        id,
        done: (ok) => {
          clearTimeout(timeout);
          clearTimeout(nudge);
          this.waiting = null;
          resolve(ok ? performance.now() - start : null);
        },
      };
      this.wire.echo(id, remedy === "pad" ? PAD_BYTES : SMALL);
      if (remedy === "nudge") nudge = setTimeout(() => this.wire.nudge(), NUDGE_AFTER_MS);
    });
  }
}

/** Plain, unless another is clearly better. */
export function choose(medians: Record<Remedy, number>): Remedy {
  const best = medians.nudge <= medians.pad ? "nudge" : "pad";
  const gain = medians.plain - medians[best];
  return gain >= WORTH_MS && medians[best] <= WORTH_SHARE * medians.plain ? best : "plain";
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}

function idleTime(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof requestIdleCallback === "function") requestIdleCallback(() => resolve(), { timeout: 500 });
    else setTimeout(resolve, 50);
  });
}
