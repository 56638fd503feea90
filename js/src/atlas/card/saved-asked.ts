/** What long questions found out about the unit of a card, as a string for a saved notebook. */
import type { ReadContext, UnitConcepts } from "../../panels/studies/wire.ts";
import { readPart, VERSION } from "../session/saved.ts";
import type { AtlasSession } from "../session/session.ts";

type Found = { context: ReadContext | null; concepts: UnitConcepts | null };

const NOTHING: Found = { context: null, concepts: null };
const READ = new WeakMap<AtlasSession, Found>();

/** Of whichever unit it was; what has another form is nothing. */
export function keptAsked(atlas: AtlasSession): Found {
  const known = READ.get(atlas);
  if (known) return known;
  const found = readPart<Found & { version: number }, Found>(
    atlas.kept("asked"),
    ({ context, concepts }) => ({
      context: Array.isArray(context?.by) && Array.isArray(context.told) ? context : null,
      concepts: Array.isArray(concepts?.concepts) ? concepts : null,
    }),
  );
  READ.set(atlas, found ?? NOTHING);
  return found ?? NOTHING;
}

export function keepAsked(atlas: AtlasSession, more: Partial<Found>): void {
  const found = { ...keptAsked(atlas), ...more };
  READ.set(atlas, found);
  atlas.keep("asked", JSON.stringify({ version: VERSION, ...found }));
}
