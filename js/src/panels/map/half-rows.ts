/** Halves the rows of a map, for where the whole one is too large to keep. */
import { FIRST, MIDDLE } from "../../wire/codes.ts";
import type { Scale } from "../../wire/protocol.ts";

/** Fewer rows than this say too little: then no map is the better choice. */
const FEWEST = 64;

type Rows = { cells: Uint8Array; shape: readonly [number, number]; units: Int32Array };

/** Pairs of rows become one that holds the stronger byte of each column; null where that is no help. */
export function halfRows({ cells, shape, units, scale }: Rows & { scale: Scale }): Rows | null {
  const [rows, cols] = shape;
  if (rows < 2 * FEWEST) return null;
  const half = Math.ceil(rows / 2);
  const zero = scale.signed ? MIDDLE : FIRST;
  // NaN and infinities must not disappear behind a number.
  const strength = (byte: number) => (byte < FIRST ? 256 : Math.abs(byte - zero));
  const stronger = new Uint8Array(half * cols);
  const its = new Int32Array(half);
  for (let row = 0; row < half; row++) {
    const upper = 2 * row;
    const lower = Math.min(upper + 1, rows - 1);
    const peaks = [0, 0];
    for (let col = 0; col < cols; col++) {
      const pair = [cells[upper * cols + col]!, cells[lower * cols + col]!] as const;
      const sizes = [strength(pair[0]), strength(pair[1])] as const;
      stronger[row * cols + col] = sizes[1] > sizes[0] ? pair[1] : pair[0];
      peaks[0] = Math.max(peaks[0]!, sizes[0]);
      peaks[1] = Math.max(peaks[1]!, sizes[1]);
    }
    its[row] = units[peaks[1]! > peaks[0]! ? lower : upper] ?? 0;
  }
  return { cells: stronger, shape: [half, cols], units: its };
}
