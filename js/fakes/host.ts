/** Host of a widget in the page: a model as anywidget hands it over, with the kernel played by whoever holds it. */

import { LiveSession } from "../src/session/live-session.ts";
import type { Session } from "../src/session/session.ts";
import { decodeFrame, type Frame } from "../src/wire/frame.ts";
import type { HostModel } from "../src/wire/host.ts";
import type { Ask, FrameHeader, ToKernel } from "../src/wire/protocol.ts";
import type { Traits } from "../src/wire/traits.ts";
import { ArrayWriter, emptyHeader } from "./frame-writer.ts";

type Listener = (...args: unknown[]) => void;

export class Host implements HostModel {
  readonly sent: ToKernel[] = [];
  /** What came along with each ask. */
  readonly buffers: (ArrayBuffer[] | undefined)[] = [];
  widget_manager: unknown;
  readonly traits: Record<string, unknown> = {
    layout_kind: "strip",
    input: "",
    site: "mlp.0",
    unit: null,
    selection: { token: null, span: null },
    pins: [],
    view: { order: "index", hold: false, mode: "linear", pinned: {}, filter: "", overview: true },
    status: "",
    snapshot: "",
    catalog: {
      model: "test",
      sites: [
        { name: "mlp.0", canonical: "blocks.0.mlp", kind: "mlp", width: 64, layer: 0 },
        { name: "mlp.1", canonical: "blocks.1.mlp", kind: "mlp", width: 32, layer: 1 },
      ],
      context: 512,
      causal: true,
      guesses: true,
      measure: "activation",
    },
  };
  private readonly listeners = new Map<string, Set<Listener>>();

  constructor(traits: Record<string, unknown> = {}) {
    Object.assign(this.traits, traits);
  }

  get(name: string): unknown {
    return this.traits[name];
  }
  set(name: string, value: unknown): void {
    this.traits[name] = value;
    this.emit(`change:${name}`);
  }
  send(content: unknown, _callbacks?: unknown, buffers?: ArrayBuffer[]): void {
    // As over the wire: what cannot be written as JSON would be lost.
    this.sent.push(JSON.parse(JSON.stringify(content)) as ToKernel);
    if (this.sent.at(-1)!.kind === "ask") this.buffers.push(buffers);
  }
  on(name: string, listener: Listener): void {
    if (!this.listeners.has(name)) this.listeners.set(name, new Set());
    this.listeners.get(name)!.add(listener);
  }
  off(name?: string | null, listener?: Listener | null): void {
    if (name && listener) this.listeners.get(name)?.delete(listener);
  }
  emit(name: string, ...args: unknown[]): void {
    for (const listener of [...(this.listeners.get(name) ?? [])]) listener(...args);
  }
  listening(): number {
    return [...this.listeners.values()].reduce((sum, set) => sum + set.size, 0);
  }

  /** Python sets a trait: the host changes the model, unless it has the value already. */
  python(name: keyof Traits, value: unknown): void {
    if (JSON.stringify(this.traits[name]) === JSON.stringify(value)) return;
    this.set(name, value);
  }

  asks(): Ask[] {
    return this.sent.filter((message): message is Ask => message.kind === "ask");
  }
  lastAsk(): Ask {
    return this.asks().at(-1)!;
  }
  kinds(): string[] {
    return this.sent.map((message) => message.kind);
  }
  kernel(message: object, buffers: unknown[] = []): void {
    this.emit("msg:custom", { v: 1, ...message }, buffers);
  }
  answer(ask: Ask, patch: Partial<FrameHeader> = {}): void {
    const { header, buffers } = frameOf(ask, patch);
    this.kernel(header, buffers);
  }
}

/** A frame with one token a character and values 0, 1, 2 …, unless `patch` says otherwise. */
export function frameOf(
  ask: Pick<Ask, "seq" | "text"> & Partial<Ask>,
  patch: Partial<FrameHeader> = {},
): { header: FrameHeader; buffers: DataView[] } {
  const n = ask.text.length;
  const out = new ArrayWriter();
  out.add(
    "spans",
    Int32Array.from({ length: 2 * n }, (_, i) => (i >> 1) + (i & 1)),
    [n, 2],
  );
  out.add(
    "unit",
    Float32Array.from({ length: n }, (_, i) => i),
  );
  const header: FrameHeader = {
    ...emptyHeader({ ...ask, pins: [] }, out.arrays),
    unit: ask.unit ?? "mlp.0:3",
    window: { start: 0, end: n, first: 0, total: n },
    token: n > 0 ? n - 1 : null,
    scale: { lo: 0, hi: 10, mode: "linear", knee: 1, signed: false, pinned: false },
    ...patch,
  };
  return { header, buffers: out.buffers };
}

export function decoded(text: string, patch: Partial<FrameHeader> = {}): Frame {
  const { header, buffers } = frameOf({ seq: 1, text }, patch);
  return decodeFrame(header, buffers, text);
}

/** A session with one view on the page, past its first wait. */
export function opened(
  host: Host,
  el: Element = document.createElement("div"),
): { session: Session; life: AbortController; view: AbortController } {
  const life = new AbortController();
  const view = new AbortController();
  const session = new LiveSession(host, life.signal).show(el, view.signal);
  return { session, life, view };
}
