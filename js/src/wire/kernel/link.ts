/**
 * Link to the kernel: measures it, and gets small answers without waiting for TCP.
 *
 * A Jupyter server leaves Nagle's algorithm on: a small reply behind the kernel's busy and idle messages waits for the
 * browser's delayed acknowledgement, some 40 ms. Two remedies need no change of the server: replies too large to be
 * held back, or a tiny message of ours a few milliseconds after the request (its packet carries the acknowledgement).
 * Either may cost more than it saves (a slow remote link, another host), so the link is measured: with echoes once
 * the first picture stands, then with the questions themselves, which are what counts.
 */

export type Remedy = "plain" | "nudge" | "pad";
const REMEDIES = ["plain", "nudge", "pad"] as const;

/** Replies of this size are not held back. */
export const PAD_BYTES = 66_000;
const NUDGE_AFTER_MS = 4;
/** A reply as small as a token strip's. */
const SMALL = 2_000;
/** Times kept for each remedy, and echoes measured for each at first. */
const KEEP = 7;
const ROUNDS = 5;
/** A remedy must save this much, and this share, before it is worth having. */
const WORTH_MS = 5;
const WORTH_SHARE = 0.8;
/** The first questions try each remedy this often; then every so many questions one that is not in use. */
const TRIES = 3;
const TRY_AGAIN = 24;
/** An echo that takes longer says that the kernel is occupied, nothing about the link. */
const PATIENCE_MS = 1500;

export type LinkWire = {
  echo(id: number, size: number): void;
  nudge(): void;
  nextId(): number;
  /** Is nothing else going on? */
  idle(): boolean;
  /** There is news for `describe`. */
  measured(): void;
};

export class Link {
  /** What is in use for small answers. */
  remedy: Remedy = "plain";
  readonly #times: Record<Remedy, number[]> = { plain: [], nudge: [], pad: [] };
  #asked: { seq: number; remedy: Remedy; at: number } | null = null;
  /** Questions with small answers so far. */
  #count = 0;
  /** Are the answers large by themselves? */
  #large = false;
  #waiting: { id: number; done: (ok: boolean) => void } | null = null;
  #echoes: "due" | "running" | "done" = "due";

  constructor(private readonly wire: LinkWire) {}

  /** Median milliseconds on the way. */
  medians(): Record<Remedy, number> {
    return {
      plain: median(this.#times.plain),
      nudge: median(this.#times.nudge),
      pad: median(this.#times.pad),
    };
  }

  /** For people who look into the page: what is done, and the medians that decided. */
  describe(): string {
    const medians = this.medians();
    return `${this.remedy} ${REMEDIES.map((remedy) => medians[remedy].toFixed(1)).join("/")}`;
  }

  // ---- questions -------------------------------------------------------------------------------------------

  /** What to do about the next question. */
  remedyFor(seq: number): Remedy {
    const remedy = this.#large ? "plain" : this.#next();
    this.#asked = { seq, remedy, at: performance.now() };
    if (remedy === "nudge") setTimeout(() => this.wire.nudge(), NUDGE_AFTER_MS);
    return remedy;
  }

  /** A question was answered with these bytes, after so long in the kernel. */
  answeredAsk(seq: number, buffers: readonly unknown[], kernelMs: number): void {
    const asked = this.#asked;
    if (asked?.seq !== seq) return;
    this.#asked = null;
    let bytes = 0;
    for (const buffer of buffers) bytes += (buffer as { byteLength?: number }).byteLength ?? 0;
    // A padded answer does not tell its own size.
    if (asked.remedy !== "pad") this.#large = bytes >= PAD_BYTES;
    if (this.#large || this.#echoes !== "done") return;
    this.#count++;
    this.#note(asked.remedy, Math.max(0, performance.now() - asked.at - kernelMs));
  }

  #next(): Remedy {
    if (this.#echoes !== "done") return "plain";
    if (this.#count < TRIES * REMEDIES.length) return REMEDIES[this.#count % REMEDIES.length]!;
    if (this.#count % TRY_AGAIN !== 0) return this.remedy;
    const others = REMEDIES.filter((remedy) => remedy !== this.remedy);
    return others[(this.#count / TRY_AGAIN) % others.length]!;
  }

  #note(remedy: Remedy, ms: number): void {
    const times = this.#times[remedy];
    times.push(ms);
    if (times.length > KEEP) times.shift();
    this.remedy = choose(this.medians());
    this.wire.measured();
  }

  // ---- echoes ----------------------------------------------------------------------------------------------

  /** Call whenever a frame has come: measures with echoes, once, when nothing else goes on. */
  consider(): void {
    if (this.#echoes !== "due") return;
    this.#echoes = "running";
    void this.#measure().then((finished) => {
      this.#echoes = finished ? "done" : "due";
    });
  }

  /** An `echo` came back. */
  answered(id: number): void {
    if (this.#waiting?.id === id) this.#waiting.done(true);
  }

  /** Gives up, for instance because the kernel is gone. */
  stop(): void {
    this.#waiting?.done(false);
  }

  /** False when something else came in between; the next frame then tries again. */
  async #measure(): Promise<boolean> {
    for (let round = 0; round < ROUNDS; round++) {
      for (const remedy of REMEDIES) {
        await idleTime();
        if (!this.wire.idle()) return false;
        const time = await this.#roundTrip(remedy);
        if (time === null) return false;
        this.#note(remedy, time);
      }
    }
    return true;
  }

  #roundTrip(remedy: Remedy): Promise<number | null> {
    return new Promise((resolve) => {
      const id = this.wire.nextId();
      const start = performance.now();
      let nudge: ReturnType<typeof setTimeout> | undefined;
      const timeout = setTimeout(() => this.#waiting?.done(false), PATIENCE_MS);
      this.#waiting = {
        id,
        done: (ok) => {
          clearTimeout(timeout);
          clearTimeout(nudge);
          this.#waiting = null;
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
  const best = medians.nudge < medians.pad ? "nudge" : "pad";
  const gain = medians.plain - medians[best];
  return gain >= WORTH_MS && medians[best] <= WORTH_SHARE * medians.plain ? best : "plain";
}

/** NaN when there is nothing yet: then no comparison holds, and the link is left plain. */
function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

function idleTime(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof requestIdleCallback === "function") requestIdleCallback(() => resolve(), { timeout: 500 });
    else setTimeout(resolve, 50);
  });
}
