/** Exemplars as the page has them, and how a kind of input shows them. */
import type { ComponentType } from "preact";
import { colourOf, inkOn } from "../paint/scale.ts";
import { dark } from "../paint/theme.ts";
import type { Session } from "../session/session.ts";
import type { ExemplarRow, ExemplarsAnswer } from "../wire/atlas-protocol.ts";
import type { Picture } from "../wire/inputs.ts";
import type { Scale } from "../wire/protocol.ts";
import type { Context } from "../wire/shared.ts";

export type Exemplar = ExemplarRow & {
  /** The unit on `pieces`, or over the picture. */
  readonly shades: Float32Array;
  /** What stands before and behind the pieces in the document, as far as it is known. */
  readonly around: readonly [before: string, behind: string];
  /** RGB, of pictures. */
  readonly image: Picture | null;
};

export type Listing = Omit<ExemplarsAnswer, "rows" | "first" | "around"> & {
  /** By their place in the list; undefined: not here yet. */
  readonly rows: readonly (Exemplar | undefined)[];
};

export type Look = {
  /** The height of a line, and how many exemplars stand in it. */
  readonly sizes: { readonly line: number; readonly perLine: number };
  /** Characters before the peak, so that the peaks stand below each other; null: the texts run over several lines. */
  readonly lead: number | null;
  /** How many characters of a text find room. */
  readonly room?: number;
};

export type ItemFaceProps = {
  exemplar: Exemplar;
  listing: Listing;
  context: Context;
  lead: number | null;
  room?: number;
};

export interface ExemplarFace {
  /** An exemplar in the list. */
  readonly Item: ComponentType<ItemFaceProps>;
  look(listing: Listing, context: Context, width: number): Look;
  /** An exemplar opened in place, with the words for what is in it; absent: it is a part of a document, which is shown. */
  readonly Opened?: ComponentType<{ exemplar: Exemplar; listing: Listing }>;
  readonly openHeight: number;
  /** Where in the document it is, short and at length; null: it is all of it. */
  place(exemplar: Exemplar): readonly [short: string, title: string, long: string] | null;
  /** Are colours always those of a dark ground? */
  readonly isDark?: boolean;
  /** Can more or less around the peak be shown? */
  readonly hasContext?: boolean;
  /** What putting it in the editor puts there. */
  sayUse(exemplar: Exemplar): string;
  /** Puts it into a live view, and says so. */
  use(exemplar: Exemplar, live: Session): string;
  /** How large a data set is, beside its inputs. */
  sayAmount?(tokens: number): string;
}

/** The peak is what is read: it stands on plain ground, over a bar of its colour. */
export function shadeStyle(shade: number, scale: Scale, isPeak: boolean) {
  const colour = colourOf(shade, scale, dark.value);
  return isPeak ? { borderColor: colour } : { background: colour, color: inkOn(shade, scale, dark.value) };
}
