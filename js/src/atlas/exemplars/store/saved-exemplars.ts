/** The first exemplars of a list as a string, for a saved notebook. */

import type { Exemplar, Listing } from "../../../kinds/exemplars.ts";
import { LIMIT, readPart, VERSION } from "../../session/saved.ts";

type SavedListing = { version: number; listing: Omit<Listing, "rows">; rows: SavedRow[] };
type SavedRow = Omit<Exemplar, "shades" | "image"> & {
  shades: (number | string)[];
  image: { width: number; height: number; rgb: string } | null;
};

/** As many of the first rows as find room. */
export function writeListing({ rows, ...listing }: Listing): string {
  const { unit, group, groups, strata, state, seen, scale, input, map, columns } = listing;
  const head = { unit, group, groups, strata, state, seen, scale, input, total: 0 };
  if (map) Object.assign(head, { map });
  if (columns) Object.assign(head, { columns });
  const saved: SavedRow[] = [];
  let room = LIMIT - JSON.stringify(head).length - 100;
  for (const row of rows) {
    if (!row) break;
    const { shades, image, ...rest } = row;
    const written: SavedRow = {
      ...rest,
      shades: Array.from(shades, (x) => (Number.isFinite(x) ? Number(x.toPrecision(4)) : String(x))),
      image: image && { ...image, rgb: btoa(String.fromCharCode(...image.rgb)) },
    };
    room -= JSON.stringify(written).length + 1;
    if (room < 0) break;
    saved.push(written);
  }
  head.total = saved.length;
  return JSON.stringify({ version: VERSION, listing: head, rows: saved } satisfies SavedListing);
}

export function readListing(stored: unknown): Listing | null {
  return readPart<SavedListing, Listing>(stored, ({ listing, rows }) => {
    if (!Array.isArray(rows)) return null;
    const exemplars = rows.map((row): Exemplar => {
      const rgb = row.image && Uint8Array.from(atob(row.image.rgb), (character) => character.charCodeAt(0));
      return {
        ...row,
        pieces: row.pieces.map(String),
        around: [String(row.around?.[0] ?? ""), String(row.around?.[1] ?? "")],
        shades: Float32Array.from(row.shades, Number),
        image:
          row.image && rgb?.length === 3 * row.image.width * row.image.height ? { ...row.image, rgb } : null,
      };
    });
    return { ...listing, total: exemplars.length, rows: exemplars };
  });
}
