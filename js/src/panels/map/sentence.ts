/** Sentence that stands for the map: what a person who cannot see the canvas is told. */
import { strongestBin } from "../../paint/image.ts";
import { itemsOf } from "../../paint/region.ts";
import { formatValue, valueOfByte } from "../../paint/scale.ts";
import { plural, tokenGlyphs } from "../../paint/words.ts";
import type { Frame } from "../../wire/frame.ts";
import { textWindow } from "../../wire/tokens.ts";
import { mapOf } from "./wire.ts";

export function sayMap(frame: Frame | null): string {
  const map = mapOf(frame);
  if (!frame || !map) return "Heatmap of units by tokens: nothing to show yet.";
  const rows = map.rows[1] - map.rows[0];
  const cols = map.cols[1] - map.cols[0];
  const shown = rows < map.total ? `${rows} of ${plural(map.total, "unit")}` : plural(map.total, "unit");
  let sentence = `Heatmap of ${frame.head.site}: ${shown} by ${plural(cols, "token")}.`;
  const best = strongestBin(map.cells, map.shape[1], map.scale.signed);
  if (best !== null) {
    const [col] = itemsOf(best.col, map.cols, map.shape[1]);
    const token = textWindow(frame).first + col;
    const value = formatValue(valueOfByte(best.byte, map.scale));
    sentence += ` Strongest: unit ${map.units[best.row] ?? "?"} at token ${token}, ${tokenGlyphs(frame, token)}, about ${value}.`;
  }
  return sentence;
}
