/** Words for what an edited unit did and does. */

import { formatValue } from "../../paint/scale.ts";
import { tokenGlyphs } from "../../paint/words.ts";
import type { Frame } from "../../wire/frame.ts";
import { numberOf } from "../../wire/values.ts";
import type { EditedUnit } from "./wire.ts";

/** «at token 12 “"”: 2.41 → 0» */
export function sayFollowed(frame: Frame, { before, after, at }: EditedUnit): string {
  const values = `${formatValue(numberOf(before))} → ${formatValue(numberOf(after))}`;
  return frame.head.input.window ? `at token ${at} “${tokenGlyphs(frame, at)}”: ${values}` : values;
}
