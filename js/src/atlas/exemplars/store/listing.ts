/** Exemplars as the page has them: rows with their values and pictures. */
import type { ExemplarRow, ExemplarsAnswer } from "../../../wire/atlas-protocol.ts";

export type Exemplar = ExemplarRow & {
  /** The unit on `pieces`, or over the picture. */
  readonly shades: Float32Array;
  /** RGB, of pictures. */
  readonly image: { width: number; height: number; rgb: Uint8Array } | null;
};

export type Listing = Omit<ExemplarsAnswer, "rows" | "first"> & {
  /** By their place in the list; undefined: not here yet. */
  readonly rows: readonly (Exemplar | undefined)[];
};
