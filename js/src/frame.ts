import type { FrameHeader } from "./protocol.ts";

/** What came back for one `ask`: the header and its arrays, each null when it was not asked for. */
export interface Frame {
  readonly header: FrameHeader;
  /** The text the frame is of; the page may be ahead of it. */
  readonly text: string;
  /** [tokens, 2] starts and ends, UTF-16 offsets in `text`. */
  readonly spans: Int32Array;
  /** [tokens] exact values of `header.unit`. */
  readonly unit: Float32Array | null;
  /** [pins, tokens] in the order of `header.pins`. */
  readonly pins: Float32Array | null;
  /** [rows, cols] bytes, see `Scale`. */
  readonly map: Uint8Array | null;
  /** [rows] */
  readonly mapUnits: Int32Array | null;
  /** [sites, cols] bytes. */
  readonly overview: Uint8Array | null;
  /** The shapes of `map` and `overview`: pixels of the reply, not units or tokens. */
  readonly mapShape: readonly [number, number] | null;
  readonly overviewShape: readonly [number, number] | null;
  /** [k] */
  readonly topUnits: Int32Array | null;
  /** [k] */
  readonly topValues: Float32Array | null;
}
