/** Parts of a frame that pictures and tables have beside those of a text. */
import type { FrameHeader, Scale } from "./protocol.ts";

export type Grid = readonly [rows: number, cols: number];

export type Extra = {
  /** Where the site's values lie; null: each unit has one value. */
  readonly grid: Grid | null;
  /** The selected unit's, which may be of another site. */
  readonly unitGrid: Grid | null;
  /** The strongest units, one after another, as codes on the site's scale. */
  readonly tiles: {
    bytes: Uint8Array;
    rows: number;
    cols: number;
    units: Int32Array;
    values: Float32Array;
  } | null;
  /** RGB: what the model gets after preprocessing. */
  readonly seen: { width: number; height: number; rgb: Uint8Array } | null;
  /** In the order of `header.pins`. */
  readonly pins: readonly { values: Float32Array; grid: Grid | null }[];
  /** Along `header.sweep.xs`; `pins` are in the order of `header.pins`, `classes` is [n, classes]. */
  readonly sweep: {
    unit: Float32Array | null;
    pins: readonly Float32Array[];
    classes: Float32Array | null;
  } | null;
};

/** The colours of the tiles: the scale of the site that is looked at. */
export const siteScale = ({ siteScale, scale }: FrameHeader): Scale | null => siteScale ?? scale;

/** Reads one array of the frame, checked; null when it was not sent. */
export type Get = <T extends Uint8Array | Int32Array | Float32Array>(
  name: string,
  dtype: "u8" | "i32" | "f32",
  shape: (number | null)[],
) => T | null;

export function decodeExtra(
  header: FrameHeader,
  get: Get,
  shapeOf: (name: string) => number[] | null,
): Extra {
  const grid = header.grid ?? null;
  const bytes = get<Uint8Array>("tiles", "u8", [null, null, null]);
  const [count, rows, cols] = shapeOf("tiles") ?? [];
  const rgb = get<Uint8Array>("seen", "u8", [null, null, 3]);
  const [height, width] = shapeOf("seen") ?? [];
  const together = get<Float32Array>("pins", "f32", [header.pins.length, null]);
  const each = together ? together.length / header.pins.length : 0;
  const points = header.sweep?.xs.length ?? 0;
  return {
    grid,
    unitGrid: header.unitGrid === undefined ? grid : header.unitGrid,
    tiles: bytes && {
      bytes,
      rows: rows!,
      cols: cols!,
      units: get("tile_units", "i32", [count!]) ?? new Int32Array(count!),
      values: get("tile_values", "f32", [count!]) ?? new Float32Array(count!),
    },
    seen: rgb && { width: width!, height: height!, rgb },
    pins: header.pins.map((_, i) => ({
      values:
        together?.subarray(i * each, (i + 1) * each) ?? get(`pin_${i}`, "f32", [null]) ?? new Float32Array(0),
      grid: header.pinGrids?.[i] ?? (together ? grid : null),
    })),
    sweep: header.sweep
      ? {
          unit: get("sweep_unit", "f32", [points]),
          pins: rowsOf(get("sweep_pins", "f32", [header.pins.length, points]), points),
          classes: get("sweep_classes", "f32", [points, null]),
        }
      : null,
  };
}

function rowsOf(values: Float32Array | null, length: number): Float32Array[] {
  const count = values ? values.length / Math.max(1, length) : 0;
  return Array.from({ length: count }, (_, i) => values!.subarray(i * length, (i + 1) * length));
}
