/** Writes messages of a kernel: named arrays with their bytes, and a frame with nothing in it. */

import { decodeFrame, type Frame } from "../src/wire/frame.ts";
import type { ArraySpec, Ask, FrameMessage, Head } from "../src/wire/protocol.ts";
import { VERSION } from "../src/wire/shared.ts";
import { ALL_PANELS } from "./panels.ts";

export type Numbers = Uint8Array | Int32Array | Float32Array;

export class ArrayWriter {
  readonly arrays: ArraySpec[] = [];
  readonly buffers: DataView[] = [];

  add(name: string, data: Numbers, shape: number[] = [data.length]): void {
    this.arrays.push({ name, dtype: dtypeOf(data), shape });
    this.buffers.push(view(data));
  }
}

const dtypeOf = (data: Numbers): ArraySpec["dtype"] =>
  data instanceof Uint8Array ? "u8" : data instanceof Int32Array ? "i32" : "f32";

export function view(array: Numbers): DataView {
  return new DataView(array.buffer, array.byteOffset, array.byteLength);
}

/** What is another in a frame; what is not named stays. */
export type Patch = {
  seq?: number;
  head?: Partial<Head>;
  input?: Partial<Head["input"]>;
  parts?: FrameMessage["parts"];
  arrays?: ArraySpec[];
};

export function patched(message: FrameMessage, { seq, head, input, parts, arrays }: Patch): FrameMessage {
  return {
    ...message,
    seq: seq ?? message.seq,
    head: { ...message.head, ...head, input: { ...message.head.input, ...input } },
    parts: { ...message.parts, ...parts },
    arrays: arrays ?? message.arrays,
  };
}

/** What every frame says; no part. `kind` is that of the input. */
export function emptyFrame(
  ask: Pick<Ask, "seq"> & Partial<Ask>,
  arrays: ArraySpec[],
  input: Head["input"],
): FrameMessage {
  const { seq, site = "mlp.0", unit = null, pins = [] } = ask;
  const odd = { nan: 0, inf: 0 };
  const head = { site, unit, pins, token: null, input, odd, reused: 0, ms: { model: 1, total: 2 } };
  return { v: VERSION, kind: "frame", seq, head, parts: {}, arrays };
}

/** Decodes with all panels there are. */
export const decode = (message: unknown, buffers: readonly unknown[], text: string): Frame =>
  decodeFrame(message, buffers, text, ALL_PANELS.values());

/** The frame with other numbers in one of its arrays. */
export function withArray(frame: Frame, name: string, data: Numbers, shape: number[] = [data.length]): Frame {
  return { ...frame, arrays: new Map(frame.arrays).set(name, { dtype: dtypeOf(data), shape, data }) };
}

/** `"mlp.2:17"` → `["mlp.2", 17]`. */
export function partsOf(unit: string): [site: string, index: number] {
  const colon = unit.lastIndexOf(":");
  return [unit.slice(0, colon), Number(unit.slice(colon + 1))];
}

/** 0…1, the same for the same words. */
export function hash(words: string): number {
  let h = 2166136261;
  for (let i = 0; i < words.length; i++) h = Math.imul(h ^ words.charCodeAt(i), 16777619);
  h = Math.imul(h ^ (h >>> 15), 2246822507);
  return ((h ^ (h >>> 13)) >>> 0) / 4294967296;
}
