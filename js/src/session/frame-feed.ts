/** Frames of one widget: asked for when something changed, taken when they come, kept for saved notebooks. */
import { signal as newSignal, type ReadonlySignal } from "@preact/signals";
import { bytesOf } from "../wire/arrays.ts";
import { decodeFrame, type Frame } from "../wire/frame.ts";
import { type GalleryItem, type Input, textOf } from "../wire/inputs.ts";
import type { Connection } from "../wire/kernel/connection.ts";
import type { HostModel } from "../wire/kernel/host.ts";
import { Link, PAD_BYTES } from "../wire/kernel/link.ts";
import { createRequests, type Requests } from "../wire/kernel/requests.ts";
import type { Ask, ErrorAnswer, FromKernel, ToKernel } from "../wire/protocol.ts";
import { VERSION } from "../wire/shared.ts";
import type { InputKind } from "./kind.ts";
import type { Panels } from "./panel.ts";
import { ProbeRequests } from "./probe.ts";
import { readSnapshot, takeSnapshot } from "./snapshot.ts";
import { describe, type State } from "./state.ts";

/** A snapshot is taken once frames rest, and at the latest so long after the first that it does not have. */
const SNAPSHOT_REST_MS = 1000;
const SNAPSHOT_LATEST_MS = 3000;

/** What the page wants to know; the feed adds number, version and padding. */
export type Question = Omit<Ask, "v" | "kind" | "seq" | "pad">;

export type Page = {
  readonly panels: Panels;
  readonly kind: InputKind;
  /** The question to ask now, under this number. */
  compose(seq: number): Question;
  /** What it is about, and the input that is compared with it. */
  asked(): Input;
  beside(): Input | null;
  /** The kernel has heard everything up to this number. */
  heard(seq: number): void;
  /** What was sent may not have arrived. */
  lost(): void;
};

export class FrameFeed {
  readonly frame = newSignal<Frame | null>(null);
  readonly error = newSignal<ErrorAnswer | null>(null);
  readonly gallery = newSignal<readonly GalleryItem[]>([]);
  readonly state: ReadonlySignal<State>;
  readonly reason: ReadonlySignal<string>;
  /** The state in Python's words; null while it says nothing worth telling. */
  readonly status: ReadonlySignal<string | null>;
  readonly blank: ReadonlySignal<boolean>;
  /** How the link was measured to be; "" before that. */
  readonly linkWords = newSignal("");
  readonly probes: ProbeRequests;

  readonly #requests: Requests<void>;
  readonly #link: Link;
  /** What open requests are about, by seq. */
  readonly #asked = new Map<number, Input>();
  #shown = Number.NEGATIVE_INFINITY;
  #open = false;
  #snapshot: ReturnType<typeof setTimeout> | undefined;
  #snapshotDue = Number.POSITIVE_INFINITY;

  constructor(
    private readonly model: HostModel,
    private readonly connection: Connection,
    life: AbortSignal,
    private readonly page: Page,
  ) {
    const { frame, error } = this;
    const { presence } = connection;
    const late = newSignal(false);
    const nextSeq = () => connection.nextSeq();
    this.#requests = createRequests({ nextSeq, send: (_, seq) => this.#ask(seq), late, calm: true });
    this.#requests.setOpen(false);
    this.probes = new ProbeRequests(connection);
    this.#link = new Link({
      echo: (id, size) => this.send({ v: VERSION, kind: "echo", id, size }),
      nudge: () => this.send({ v: VERSION, kind: "nudge" }),
      nextId: nextSeq,
      measured: () => {
        this.linkWords.value = this.#link.describe();
      },
      idle: () => this.#open && this.#requests.idle() && presence.reachable(),
    });
    frame.value = readSnapshot(model.get("snapshot"), page.panels);
    const described = describe({ presence, late, error, pictured: () => frame.value !== null });
    this.state = described.state;
    this.reason = described.reason;
    this.status = described.status;
    this.blank = described.blank;
    connection.listen(
      {
        hear: (message, buffers) => this.#hear(message, buffers),
        refuse: (refusal) => {
          error.value = refusal;
          this.#answered(refusal.seq);
        },
        left: () => this.#left(),
        back: () => this.#back(),
      },
      life,
    );
    life.addEventListener("abort", () => {
      this.setOpen(false);
      clearTimeout(this.#snapshot);
    });
  }

  /** Can a reading under the pointer be had? */
  answers(): boolean {
    const { presence } = this.connection;
    return presence.heard.peek() && presence.reachable();
  }

  /** Starts or stops asking. */
  setOpen(open: boolean): void {
    const { presence } = this.connection;
    this.#open = open;
    this.#requests.setOpen(open && presence.reachable());
    if (open) return;
    presence.rest();
    this.#link.stop();
    this.probes.end();
  }

  /** Something changed: ask when the rules allow. */
  want(): void {
    this.#requests.ask();
  }

  send(message: ToKernel): void {
    this.connection.send(message);
  }

  /** The bytes of both inputs go along. */
  sendWithInputs(message: ToKernel): void {
    const { kind, asked, beside } = this.page;
    const other = beside();
    const bytes = [asked(), ...(other === null ? [] : [other])].map((input) => kind.bytes?.(input));
    const buffers = bytes.map((one) => one?.slice().buffer ?? new ArrayBuffer(0));
    this.connection.send(message, bytes.some(Boolean) ? buffers : undefined);
  }

  #ask(seq: number): boolean {
    const about = this.page.asked();
    const refused = this.page.kind.refuse?.(about);
    if (refused) {
      this.error.value = { v: VERSION, kind: "error", seq, ...refused };
      this.page.lost();
      this.#requests.answered(seq);
      return true;
    }
    const question = this.page.compose(seq);
    const remedy = this.#link.remedyFor(seq);
    this.#asked.set(seq, about);
    this.sendWithInputs({ v: VERSION, kind: "ask", seq, pad: remedy === "pad" ? PAD_BYTES : 0, ...question });
    return true;
  }

  #left(): void {
    this.#requests.setOpen(false);
    this.#link.stop();
    this.page.lost();
  }

  #back(): void {
    if (!this.#open) return;
    const { presence } = this.connection;
    this.page.lost();
    presence.hello();
    this.#requests.ask();
    this.#requests.setOpen(presence.reachable());
  }

  // ---- answers ---------------------------------------------------------------------------------------------

  #hear(message: FromKernel, buffers: readonly unknown[]): void {
    switch (message.kind) {
      case "frame":
        this.#takeFrame(message.seq, message, buffers);
        break;
      case "overtaken":
        this.#answered(message.seq, false);
        break;
      case "error":
        if (this.probes.answered(message.seq, null)) break;
        // An error that belongs to no request of ours concerns another page, unless it belongs to none at all.
        if (this.#answered(message.seq) || !(message.seq > 0)) this.error.value = message;
        break;
      case "probe":
        this.probes.answered(message.seq, message);
        break;
      case "echo":
        this.#link.answered(message.id);
        break;
      case "gallery":
        this.gallery.value = message.items.flatMap((item, i) => {
          const rgb = bytesOf(buffers[i]);
          return rgb?.length === 3 * item.width * item.height ? [{ ...item, rgb }] : [];
        });
        break;
      case "closed":
        this.setOpen(false);
    }
  }

  #takeFrame(seq: number, message: unknown, buffers: readonly unknown[]): void {
    const asked = this.#asked.get(seq);
    // Not ours: another page on the same kernel asked, or this page before it was reloaded.
    if (asked === undefined) return;
    const frame = { ...decodeFrame(message, buffers, textOf(asked), this.page.panels.values()), asked };
    this.#link.answeredAsk(seq, buffers, frame.head.ms.total);
    // The next request leaves before this answer is painted.
    this.#answered(seq);
    if (seq < this.#shown) return;
    this.#shown = seq;
    this.frame.value = frame;
    this.error.value = null;
    this.#keepSnapshot();
    this.#link.consider();
  }

  #answered(seq: number, isNews = true): boolean {
    const ours = this.#asked.has(seq);
    if (ours) {
      for (const older of this.#asked.keys()) if (older <= seq) this.#asked.delete(older);
      this.page.heard(seq);
    }
    return this.#requests.answered(seq, isNews) !== null || ours;
  }

  #keepSnapshot(): void {
    const now = performance.now();
    this.#snapshotDue = Math.min(this.#snapshotDue, now + SNAPSHOT_LATEST_MS);
    clearTimeout(this.#snapshot);
    this.#snapshot = setTimeout(
      () => {
        this.#snapshotDue = Number.POSITIVE_INFINITY;
        const keep = () => {
          const frame = this.frame.peek();
          const snapshot = frame && takeSnapshot(frame, this.page.panels);
          // Never saved, so it causes no traffic: it is there when the notebook is stored.
          if (snapshot) this.model.set("snapshot", snapshot);
        };
        if (typeof requestIdleCallback === "function") requestIdleCallback(keep, { timeout: 2000 });
        else keep();
      },
      Math.min(SNAPSHOT_REST_MS, this.#snapshotDue - now),
    );
  }
}
