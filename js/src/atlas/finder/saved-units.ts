/** Units that a search gave as a string, for a saved notebook. */
import type { FindAnswer } from "../../wire/atlas-protocol.ts";
import { readPart, VERSION } from "../session/saved.ts";

export function writeUnits({ total, of, order, columns, rows }: FindAnswer): string {
  return JSON.stringify({ version: VERSION, total, of, order, columns, rows });
}

export function readUnits(stored: unknown): FindAnswer | null {
  return readPart<FindAnswer & { version: number }, FindAnswer>(stored, ({ version: _, ...units }) =>
    Array.isArray(units.rows) && Array.isArray(units.columns) ? units : null,
  );
}
