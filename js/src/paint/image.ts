/** Turns bytes of a map into pixels by a table of colours. */
import { FIRST, MIDDLE } from "../wire/codes.ts";

/** `out` gets one packed colour a byte; both are [rows × cols]. */
export function paintBytes(bytes: Uint8Array, table: Uint32Array, out: Uint32Array): void {
  const count = Math.min(bytes.length, out.length);
  for (let i = 0; i < count; i++) out[i] = table[bytes[i]!]!;
}

/** The picture of a map [rows, cols], one pixel a bin; in `old` where that has the size. */
export function imageOf(
  bytes: Uint8Array,
  shape: readonly [number, number],
  table: Uint32Array,
  old: ImageData | null = null,
): ImageData {
  const [rows, cols] = shape;
  const image = old?.width === cols && old.height === rows ? old : new ImageData(cols, rows);
  paintBytes(bytes, table, new Uint32Array(image.data.buffer));
  return image;
}

export type Strongest = { row: number; col: number; byte: number };

/** The bin farthest from `middle` (0 is no number and counts for nothing), or null when there is none. */
export function strongestBin(bytes: Uint8Array, cols: number, signed: boolean): Strongest | null {
  const middle = signed ? MIDDLE : FIRST;
  let best = -1;
  let far = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte < FIRST) continue;
    const distance = Math.abs(byte - middle);
    if (distance > far) {
      far = distance;
      best = i;
    }
  }
  return best < 0 ? null : { row: Math.floor(best / cols), col: best % cols, byte: bytes[best]! };
}
