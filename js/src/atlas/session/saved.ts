/** What is on the screen of an atlas as strings: what a saved notebook shows when no kernel answers. */

import type { FindAnswer } from "../../wire/atlas-protocol.ts";
import type { Card } from "../card/present-value.ts";
import type { Exemplar, Listing } from "../exemplars/store.ts";
import type { Answer } from "./channel.ts";

/** What is kept, each by itself. */
export const PARTS = ["exemplars", "card", "found"] as const;
export type Part = (typeof PARTS)[number];

/** The most characters that are kept of a part; a notebook should not grow by megabytes. */
const LIMIT = 300_000;
const VERSION = 1;

const short = (value: number) => (Number.isFinite(value) ? Number(value.toPrecision(8)) : String(value));

/** null for what is nothing that can be shown: of another version, or tampered with. The page starts empty then. */
function read<T extends { version: number }, R>(stored: unknown, then: (kept: T) => R | null): R | null {
  if (typeof stored !== "string" || stored === "" || stored.length > 2 * LIMIT) return null;
  try {
    const kept = JSON.parse(stored) as T;
    return kept.version === VERSION ? then(kept) : null;
  } catch {
    return null;
  }
}

// ---- exemplars -------------------------------------------------------------------------------------------

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

export function readKept(stored: unknown): Listing | null {
  return read<Kept, Listing>(stored, ({ listing, rows }) => {
    if (!Array.isArray(rows)) return null;
    const exemplars = rows.map((row): Exemplar => {
      const rgb = row.image && Uint8Array.from(atob(row.image.rgb), (character) => character.charCodeAt(0));
      return {
        ...row,
        pieces: row.pieces.map(String),
        shades: Float32Array.from(row.shades, Number),
        image:
          row.image && rgb?.length === 3 * row.image.width * row.image.height ? { ...row.image, rgb } : null,
      };
    });
    return { ...listing, total: exemplars.length, rows: exemplars };
  });
}

// ---- the card of a unit ----------------------------------------------------------------------------------

type Kin = Answer<"kin">;
type KeptCard = {
  version: number;
  card: Omit<Card, "data" | "shapes" | "arrays">;
  data: Record<"counts" | "top" | "bottom", (number | string)[]>;
  kin: Omit<Kin, "data" | "shapes"> | null;
};

/** What goes with the unit is kept where it is of the same unit. */
export function writeCard({ data, shapes: _, ...card }: Card, kin: Kin | null): string {
  const numbers = (name: string) => Array.from(data.get(name) ?? [], short);
  const arrays = { counts: numbers("counts"), top: numbers("top"), bottom: numbers("bottom") };
  const same = kin?.unit === card.unit ? { ...kin, data: undefined, shapes: undefined } : null;
  return JSON.stringify({ version: VERSION, card, data: arrays, kin: same } satisfies KeptCard);
}

export function readCard(stored: unknown): { card: Card; kin: Kin | null } | null {
  return read<KeptCard, { card: Card; kin: Kin | null }>(stored, ({ card, data, kin }) => {
    if (typeof card.unit !== "string" || typeof card.words !== "string") return null;
    const arrays = new Map<string, Int32Array | Float32Array>([
      ["counts", Int32Array.from(data.counts, Number)],
      ["top", Float32Array.from(data.top, Number)],
      ["bottom", Float32Array.from(data.bottom, Number)],
    ]);
    const none = { data: new Map(), shapes: new Map() };
    const lists = kin && [kin.similar, kin.promoted, kin.suppressed];
    return {
      card: { ...card, data: arrays, shapes: new Map() },
      kin: kin && lists?.every(Array.isArray) ? { ...kin, ...none } : null,
    };
  });
}

// ---- units that fit --------------------------------------------------------------------------------------

export function writeFound({ total, of, order, columns, rows }: FindAnswer): string {
  return JSON.stringify({ version: VERSION, total, of, order, columns, rows });
}

export function readFound(stored: unknown): FindAnswer | null {
  return read<FindAnswer & { version: number }, FindAnswer>(stored, ({ version: _, ...found }) =>
    Array.isArray(found.rows) && Array.isArray(found.columns) ? found : null,
  );
}
