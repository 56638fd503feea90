/** Writes messages of a kernel: named arrays with their bytes, and the header of a frame with nothing in it. */
import type { ArraySpec, Ask, FrameHeader } from "../src/wire/protocol.ts";

export type Numbers = Uint8Array | Int32Array | Float32Array;

export class ArrayWriter {
  readonly arrays: ArraySpec[] = [];
  readonly buffers: DataView[] = [];

  add(name: string, data: Numbers, shape: number[] = [data.length]): void {
    const dtype = data instanceof Uint8Array ? "u8" : data instanceof Int32Array ? "i32" : "f32";
    this.arrays.push({ name, dtype, shape });
    this.buffers.push(view(data));
  }
}

export function view(array: Numbers): DataView {
  return new DataView(array.buffer, array.byteOffset, array.byteLength);
}

/** What every frame says; nothing that was not asked for. */
export function emptyHeader(ask: Pick<Ask, "seq"> & Partial<Ask>, arrays: ArraySpec[]): FrameHeader {
  return {
    v: 1,
    kind: "frame",
    seq: ask.seq,
    site: ask.site ?? "mlp.0",
    unit: ask.unit ?? null,
    pins: ask.pins ?? [],
    window: { start: 0, end: 0, first: 0, total: 0 },
    labels: {},
    token: null,
    scale: null,
    pinScales: [],
    map: null,
    overview: null,
    guesses: null,
    odd: { nan: 0, inf: 0 },
    ms: { model: 1, total: 2 },
    reused: 0,
    arrays,
  };
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
