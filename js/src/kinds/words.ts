/** Words that kinds of input without tokens share. */
import type { KindWords } from "../session/kind.ts";

export const NO_TOKENS = {
  reused: () => "the pass before is still good",
  noUnit: "No unit is chosen: click one below, or in the list, to see where it is active.",
  noUnits: "The units that answer most to this input appear here.",
} satisfies Partial<KindWords>;
