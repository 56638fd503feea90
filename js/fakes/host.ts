/** Host of a widget in the page: a model as anywidget hands it over, with the kernel played by whoever holds it. */

import { LiveSession } from "../src/session/live-session.ts";
import type { Session } from "../src/session/session.ts";
import type { Frame } from "../src/wire/frame.ts";
import type { HostModel } from "../src/wire/kernel/host.ts";
import type { Ask, FrameMessage, ToKernel } from "../src/wire/protocol.ts";
import { VERSION, VIEW } from "../src/wire/shared.ts";
import type { Traits } from "../src/wire/traits.ts";
import { ArrayWriter, decode, emptyFrame, type Patch, patched } from "./frame-writer.ts";
import { ALL } from "./panels.ts";

type Listener = (...args: unknown[]) => void;

export class Host implements HostModel {
  readonly sent: ToKernel[] = [];
  /** What came along with each ask. */
  readonly buffers: (ArrayBuffer[] | undefined)[] = [];
  widget_manager: unknown;
  readonly traits: Record<string, unknown> = {
    layout_kind: "strip",
    input: "",
    beside: null,
    site: "mlp.0",
    unit: null,
    selection: { token: null, span: null },
    pins: [],
    edits: [],
    view: VIEW,
    labels: {},
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
    this.emit("msg:custom", { v: VERSION, ...message }, buffers);
  }
  answer(ask: Ask, patch: Patch = {}): void {
    const { message, buffers } = frameOf(ask, patch);
    this.kernel(message, buffers);
  }
}

/** The text that a question is about. */
export const textIn = (ask: Pick<Ask, "input">): string => (ask.input as { text: string }).text;

/** A frame with one token a character and values 0, 1, 2 …, unless `patch` says otherwise. */
export function frameOf(
  ask: Pick<Ask, "seq" | "input"> & Partial<Ask>,
  patch: Patch = {},
): { message: FrameMessage; buffers: DataView[] } {
  const n = textIn(ask).length;
  const out = new ArrayWriter();
  const spans = Int32Array.from({ length: 2 * n }, (_, i) => (i >> 1) + (i & 1));
  out.add("input.spans", spans, [n, 2]);
  out.add(
    "trace.unit",
    Float32Array.from({ length: n }, (_, i) => i),
  );
  const window = { start: 0, end: n, first: 0, total: n };
  const message = emptyFrame({ ...ask, pins: [] }, out.arrays, { kind: "text", window, labels: {} });
  message.head.unit = ask.unit ?? "mlp.0:3";
  message.head.token = n > 0 ? n - 1 : null;
  const scale = { lo: 0, hi: 10, mode: "linear" as const, knee: 1, signed: false, pinned: false };
  message.parts = { trace: { scale, pinScales: [] } };
  return { message: patched(message, patch), buffers: out.buffers };
}

export const asking = (text: string, seq = 1): Pick<Ask, "seq" | "input"> => ({
  seq,
  input: { kind: "text", text, focus: text.length },
});

export function decoded(text: string, patch: Patch = {}): Frame {
  const { message, buffers } = frameOf(asking(text), patch);
  return decode(message, buffers, text);
}

/** A session with one view on the page, past its first wait. */
export function opened(
  host: Host,
  el: Element = document.createElement("div"),
): { session: Session; life: AbortController; view: AbortController } {
  const life = new AbortController();
  const view = new AbortController();
  const session = new LiveSession(host, life.signal, ALL).show(el, view.signal);
  return { session, life, view };
}
