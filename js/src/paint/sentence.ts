/** Sentences that stand for the pictures: what a person who cannot see the canvas is told. */
import type { Frame } from "../wire/frame.ts";
import { strongestBin } from "./image.ts";
import { itemsOf } from "./region.ts";
import { formatValue, valueOfByte } from "./scale.ts";
import { plural, tokenCount, tokenGlyphs } from "./words.ts";

export function sayMap(frame: Frame | null): string {
  const map = frame?.header.map;
  if (!frame || !map || !frame.map || !frame.mapShape)
    return "Heatmap of units by tokens: nothing to show yet.";
  const { site, window } = frame.header;
  const rows = map.rows[1] - map.rows[0];
  const cols = map.cols[1] - map.cols[0];
  const shown = rows < map.total ? `${rows} of ${plural(map.total, "unit")}` : plural(map.total, "unit");
  let sentence = `Heatmap of ${site}: ${shown} by ${plural(cols, "token")}.`;
  const best = strongestBin(frame.map, frame.mapShape[1], map.scale.signed);
  if (best !== null) {
    const [col] = itemsOf(best.col, map.cols, frame.mapShape[1]);
    const token = window.first + col;
    const value = formatValue(valueOfByte(best.byte, map.scale));
    sentence += ` Strongest: unit ${frame.mapUnits?.[best.row] ?? "?"} at token ${token}, ${tokenGlyphs(frame, token)}, about ${value}.`;
  }
  return sentence;
}

export function sayOverview(frame: Frame | null): string {
  const overview = frame?.header.overview;
  if (!frame || !overview) return "Overview of layers by tokens: nothing to show yet.";
  const strongest = overview.highs.indexOf(Math.max(...overview.highs));
  const where =
    strongest < 0
      ? ""
      : ` Strongest: ${overview.sites[strongest]}, ${formatValue(overview.highs[strongest]!)}.`;
  return `Overview: ${plural(overview.sites.length, "site")} by ${plural(tokenCount(frame), "token")}.${where}`;
}
