/** Types that several results have in common. */
import type { TableColumn } from "../atlas-protocol.ts";
import type { Scale, UnitName } from "../protocol.ts";
import type { Value } from "../values.ts";

/** A number that must be known before a result is believed, and what it means. */
export type Figure = { name: string; value: string; words: string };

/** A small picture: RGB in base64. */
export type Pixels64 = { width: number; height: number; rgb: string };

/** An input of a data set. */
export type InputRow = {
  document: number;
  name: string;
  label: string | null;
  prediction: string | null;
  /** Of rows. */
  cells?: Record<string, Value | string>;
  /** Of texts: its tokens around the strongest; of each the unit's value stands in `shades`. */
  pieces?: string[];
  /** It was not kept: there is nothing of it in the arrays. */
  missing?: boolean;
};

/**
 * What the inputs of an answer have in common. Arrays: of pictures `images` u8 [inputs, height, width, 3]; of texts
 * `shades` f32, piece by piece.
 */
export type InputsAnswer = {
  input: string;
  /** Which unit shades texts, and its scale. */
  unit: UnitName | null;
  scale: Scale | null;
  columns: TableColumn[];
};
