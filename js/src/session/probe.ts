/** Readings under the pointer: one question in flight, the newest waiting, and silence once the pointer has left. */
import { type ReadonlySignal, signal } from "@preact/signals";
import { type Probe, type ProbeAnswer, VERSION } from "../wire/protocol.ts";

/** After this long an unanswered question no longer holds up the next. */
const PATIENCE_MS = 1000;

export class Prober {
  private readonly answer = signal<ProbeAnswer | null>(null);
  readonly value: ReadonlySignal<ProbeAnswer | null> = this.answer;
  private wanted: Pick<Probe, "of" | "where" | "x" | "y"> | null = null;
  private flying: { seq: number; of: number; at: number } | null = null;
  private inside = false;

  constructor(
    private readonly send: (probe: Probe) => void,
    private readonly nextSeq: () => number,
  ) {}

  ask(of: number, where: Probe["where"], x: number, y: number): void {
    this.inside = true;
    this.wanted = { of, where, x, y };
    this.pump();
  }

  end(): void {
    this.inside = false;
    this.wanted = null;
    this.answer.value = null;
  }

  /** True when the answer (or the error) was ours. */
  answered(seq: number, answer: ProbeAnswer | null): boolean {
    if (this.flying?.seq !== seq) return false;
    this.flying = null;
    if (this.inside) this.answer.value = answer;
    this.pump();
    return true;
  }

  private pump(): void {
    const now = performance.now();
    if (!this.wanted) return;
    const { of } = this.wanted;
    // A question about a frame that is no longer the last one gets no answer.
    if (this.flying?.of === of && now - this.flying.at < PATIENCE_MS) return;
    const seq = this.nextSeq();
    this.flying = { seq, of, at: now };
    this.send({ v: VERSION, kind: "probe", seq, ...this.wanted });
    this.wanted = null;
  }
}
