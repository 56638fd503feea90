/** Sentence that stands for the overview: what a person who cannot see the canvas is told. */
import { formatValue } from "../../paint/scale.ts";
import { plural } from "../../paint/words.ts";
import type { Frame } from "../../wire/frame.ts";
import { tokenCount } from "../../wire/tokens.ts";

export function sayOverview(frame: Frame | null): string {
  const overview = frame?.parts.overview;
  if (!frame || !overview) return "Overview of layers by tokens: nothing to show yet.";
  const strongest = overview.highs.indexOf(Math.max(...overview.highs));
  const where =
    strongest < 0
      ? ""
      : ` Strongest: ${overview.sites[strongest]}, ${formatValue(overview.highs[strongest]!)}.`;
  return `Overview: ${plural(overview.sites.length, "site")} by ${plural(tokenCount(frame), "token")}.${where}`;
}
