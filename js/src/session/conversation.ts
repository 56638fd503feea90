/** The talk with the kernel: what is sent, what the answers mean, and whether anybody is there. */
import { batch, signal as newSignal, type ReadonlySignal } from "@preact/signals";
import { checkVersion, decodeFrame, type Frame, Refusal } from "../wire/frame.ts";
import type { HostModel } from "../wire/host.ts";
import { bytesOf, type GalleryItem, type Input, isPicture, textOf } from "../wire/inputs.ts";
import { KernelPresence } from "../wire/kernel-presence.ts";
import { Link, PAD_BYTES } from "../wire/link.ts";
import { type Ask, type ErrorAnswer, type FromKernel, type ToKernel, VERSION } from "../wire/protocol.ts";
import { createLoop, type Loop } from "../wire/requests.ts";
import { Prober } from "./probe.ts";
import { readSnapshot, takeSnapshot } from "./snapshot.ts";
import { describe, type State } from "./state.ts";

const SNAPSHOT_EVERY_MS = 1000;
/** Jupyter drops the connection over a message of more than 10 MiB; the text may be in it twice, at three bytes each. */
const MOST_TEXT = 1_000_000;

/** What the page wants to know; the conversation adds number, version and padding. */
export type Question = Omit<Ask, "v" | "kind" | "seq" | "pad">;

export type Page = {
  /** The question to ask now, under this number. */
  compose(seq: number): Question;
  /** What it is about. */
  asked(): Input;
  /** The kernel has heard everything up to this number. */
  heard(seq: number): void;
  /** What was sent may not have arrived. */
  lost(): void;
};

export class Conversation {
  readonly frame = newSignal<Frame | null>(null);
  readonly error = newSignal<ErrorAnswer | null>(null);
  readonly gallery = newSignal<readonly GalleryItem[]>([]);
  readonly state: ReadonlySignal<State>;
  readonly reason: ReadonlySignal<string>;
  /** The state in Python's words; null while it says nothing worth telling. */
  readonly status: ReadonlySignal<string | null>;
  /** How the link was found to be; "" before it was measured. */
  readonly linkWords = newSignal("");
  readonly prober: Prober;
  readonly presence: KernelPresence;

  private readonly late = newSignal(false);
  private readonly loop: Loop;
  private readonly link: Link;
  /** What open requests are about, by seq. */
  private readonly asked = new Map<number, Input>();
  private shown = Number.NEGATIVE_INFINITY;
  private open = false;
  private snapshot: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly model: HostModel,
    signal: AbortSignal,
    private readonly page: Page,
  ) {
    this.loop = createLoop(
      (seq) => this.ask(seq),
      (late) => {
        this.late.value = late;
      },
    );
    this.prober = new Prober(
      (probe) => this.send(probe),
      () => this.loop.nextSeq(),
    );
    this.link = new Link({
      echo: (id, size) => this.send({ v: VERSION, kind: "echo", id, size }),
      nudge: () => this.send({ v: VERSION, kind: "nudge" }),
      nextId: () => this.loop.nextSeq(),
      measured: () => {
        this.linkWords.value = this.link.describe();
      },
      idle: () => this.open && this.loop.idle() && this.presence.reachable(),
    });
    this.frame.value = readSnapshot(model.get("snapshot"));
    this.presence = new KernelPresence(model, signal, { left: () => this.left(), back: () => this.back() });
    const { presence, late, error, frame } = this;
    const told = describe({ presence, late, error, pictured: () => frame.value !== null });
    this.state = told.state;
    this.reason = told.reason;
    this.status = told.status;

    const listen = (message: unknown, buffers: unknown) => this.receive(message, buffers);
    model.on("msg:custom", listen);
    signal.addEventListener("abort", () => {
      model.off("msg:custom", listen);
      this.setOpen(false);
      clearTimeout(this.snapshot);
    });
  }

  /** Can a reading under the pointer be had? */
  answers(): boolean {
    return this.presence.heard.peek() && this.presence.reachable();
  }

  /** Starts or stops asking. */
  setOpen(open: boolean): void {
    this.open = open;
    this.loop.setOpen(open && this.presence.reachable());
    if (open) return;
    this.presence.rest();
    this.link.stop();
    this.prober.end();
  }

  /** Something changed: ask when the rules allow. */
  want(): void {
    this.loop.want();
  }

  /** Of a picture that the message is about, the pixels go along. */
  send(message: ToKernel, about?: Input): void {
    const pixels = about !== undefined && isPicture(about) ? [about.rgb.slice().buffer] : undefined;
    this.presence.send(message, pixels);
  }

  private ask(seq: number): void {
    const question = this.page.compose(seq);
    if (question.text.length > MOST_TEXT) {
      this.refuse(seq, question.text.length);
      return;
    }
    const remedy = this.link.remedyFor(seq);
    const about = this.page.asked();
    this.asked.set(seq, about);
    this.send({ v: VERSION, kind: "ask", seq, pad: remedy === "pad" ? PAD_BYTES : 0, ...question }, about);
  }

  private refuse(seq: number, length: number): void {
    const message = `A text of ${length.toLocaleString("en")} characters is more than a notebook's connection carries.`;
    const hint = `Keep it under ${MOST_TEXT.toLocaleString("en")} characters.`;
    this.error.value = { v: VERSION, kind: "error", seq, message, hint };
    this.page.lost();
    this.loop.answered(seq, true);
  }

  private left(): void {
    this.loop.setOpen(false);
    this.link.stop();
    this.page.lost();
  }

  private back(): void {
    if (!this.open) return;
    this.presence.hello();
    this.loop.want();
    this.loop.setOpen(this.presence.reachable());
  }

  // ---- answers ---------------------------------------------------------------------------------------------

  private receive(message: unknown, buffers: unknown): void {
    if (typeof message !== "object" || message === null || !("kind" in message)) return;
    const seq = "seq" in message && typeof message.seq === "number" ? message.seq : 0;
    batch(() => {
      this.presence.heard.value = true;
      try {
        checkVersion(message as Record<string, unknown>);
        this.understand(message as FromKernel, Array.isArray(buffers) ? buffers : []);
      } catch (refusal) {
        if (!(refusal instanceof Refusal)) throw refusal;
        const { message, hint } = refusal;
        this.error.value = { v: VERSION, kind: "error", seq, message, hint };
        this.answered(seq);
      }
    });
  }

  private understand(message: FromKernel, buffers: unknown[]): void {
    switch (message.kind) {
      case "frame":
        this.takeFrame(message.seq, message, buffers);
        break;
      case "overtaken":
        this.answered(message.seq, false);
        break;
      case "error":
        if (this.prober.answered(message.seq, null)) break;
        // An error that belongs to no request of ours concerns another page, unless it belongs to none at all.
        if (this.answered(message.seq) || !(message.seq > 0)) this.error.value = message;
        break;
      case "probe":
        this.prober.answered(message.seq, message);
        break;
      case "echo":
        this.link.answered(message.id);
        break;
      case "ready":
        this.presence.says("ready");
        break;
      case "gallery":
        this.gallery.value = message.items.flatMap((item, i) => {
          const rgb = bytesOf(buffers[i]);
          return rgb?.length === 3 * item.width * item.height ? [{ ...item, rgb }] : [];
        });
        break;
      case "closed":
        this.presence.says("closed");
        this.setOpen(false);
        break;
      case "atlas":
        break;
      default:
        throw new Refusal(
          `The kernel sent a message of kind "${(message as { kind: string }).kind}", which this page does not know.`,
        );
    }
  }

  private takeFrame(seq: number, message: unknown, buffers: unknown[]): void {
    const asked = this.asked.get(seq);
    // Not ours: another page on the same kernel asked, or this page before it was reloaded.
    if (asked === undefined) return;
    const frame = { ...decodeFrame(message, buffers, textOf(asked)), asked };
    this.link.answeredAsk(seq, buffers, frame.header.ms.total);
    // The next request leaves before this answer is painted.
    this.answered(seq);
    if (seq < this.shown) return;
    this.shown = seq;
    this.frame.value = frame;
    this.error.value = null;
    this.keepSnapshot();
    this.link.consider();
  }

  private answered(seq: number, isNews = true): boolean {
    const ours = this.asked.has(seq);
    if (ours) {
      for (const older of this.asked.keys()) if (older <= seq) this.asked.delete(older);
      this.page.heard(seq);
    }
    return this.loop.answered(seq, isNews) || ours;
  }

  private keepSnapshot(): void {
    this.snapshot ??= setTimeout(() => {
      const keep = () => {
        this.snapshot = undefined;
        const frame = this.frame.peek();
        const taken = frame && takeSnapshot(frame);
        // Never saved, so it causes no traffic: it is there when the notebook is stored.
        if (taken) this.model.set("snapshot", taken);
      };
      if (typeof requestIdleCallback === "function") requestIdleCallback(keep, { timeout: 2000 });
      else keep();
    }, SNAPSHOT_EVERY_MS);
  }
}
