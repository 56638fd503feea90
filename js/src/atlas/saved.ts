/** The exemplars on the screen as a string: what a saved notebook shows when no kernel answers. */
import type { Exemplar, Listing } from "./store.ts";

/** The most characters that are kept; a notebook should not grow by megabytes. */
const LIMIT = 300_000;
const VERSION = 1;

type Kept = { version: number; listing: Omit<Listing, "rows">; rows: KeptRow[] };
type KeptRow = Omit<Exemplar, "shades" | "image"> & {
  shades: (number | string)[];
  image: { width: number; height: number; rgb: string } | null;
};

/** As many of the first rows as find room. */
export function writeKept({ rows, ...listing }: Listing): string {
  const { unit, group, groups, strata, state, seen, scale, input, map, columns } = listing;
  const head = { unit, group, groups, strata, state, seen, scale, input, total: 0 };
  if (map) Object.assign(head, { map });
  if (columns) Object.assign(head, { columns });
  const kept: KeptRow[] = [];
  let room = LIMIT - JSON.stringify(head).length - 100;
  for (const row of rows) {
    if (!row) break;
    const { shades, image, ...rest } = row;
    const written: KeptRow = {
      ...rest,
      shades: Array.from(shades, (x) => (Number.isFinite(x) ? Number(x.toPrecision(4)) : String(x))),
      image: image && { ...image, rgb: btoa(String.fromCharCode(...image.rgb)) },
    };
    room -= JSON.stringify(written).length + 1;
    if (room < 0) break;
    kept.push(written);
  }
  head.total = kept.length;
  return JSON.stringify({ version: VERSION, listing: head, rows: kept } satisfies Kept);
}

/** null for what is nothing that can be shown. */
export function readKept(stored: unknown): Listing | null {
  if (typeof stored !== "string" || stored === "" || stored.length > 2 * LIMIT) return null;
  try {
    const { version, listing, rows } = JSON.parse(stored) as Kept;
    if (version !== VERSION || !Array.isArray(rows)) return null;
    const read = rows.map((row): Exemplar => {
      const rgb = row.image && Uint8Array.from(atob(row.image.rgb), (character) => character.charCodeAt(0));
      return {
        ...row,
        pieces: row.pieces.map(String),
        shades: Float32Array.from(row.shades, Number),
        image:
          row.image && rgb?.length === 3 * row.image.width * row.image.height ? { ...row.image, rgb } : null,
      };
    });
    return { ...listing, total: read.length, rows: read };
  } catch {
    // Of another version, or tampered with: the page starts empty.
    return null;
  }
}
