/** The card of a unit as a string, for a saved notebook. */
import type { Answer } from "../session/channel.ts";
import { readPart, VERSION } from "../session/saved.ts";
import type { Card } from "./present-value.ts";

const short = (value: number) => (Number.isFinite(value) ? Number(value.toPrecision(8)) : String(value));

type Kin = Answer<"kin">;
type SavedCard = {
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
  return JSON.stringify({ version: VERSION, card, data: arrays, kin: same } satisfies SavedCard);
}

export function readCard(stored: unknown): { card: Card; kin: Kin | null } | null {
  return readPart<SavedCard, { card: Card; kin: Kin | null }>(stored, ({ card, data, kin }) => {
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
