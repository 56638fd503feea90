/** Card of the selected unit and what is related to it, asked for whenever the unit is another. */
import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { UnitName } from "../../wire/protocol.ts";
import type { Answer, Problem } from "../session/channel.ts";
import type { AtlasSession } from "../session/session.ts";
import type { Card } from "./present-value.ts";
import { readCard, writeCard } from "./saved-card.ts";

const KIN = 10;

export interface CardStore {
  /** The newest card; of another unit while its own is on its way. */
  readonly card: ReadonlySignal<Card | null>;
  readonly kin: ReadonlySignal<Answer<"kin"> | null>;
  readonly problem: ReadonlySignal<Problem | null>;
  /** Was the site of the selected unit scanned? */
  readonly scanned: ReadonlySignal<boolean>;
  close(): void;
}

export function createCardStore(atlas: AtlasSession): CardStore {
  const card = atlas.channel("card");
  const kin = atlas.channel("kin");
  const saved = readCard(atlas.kept("card"));
  const newest = computed(() => (atlas.given.value ? (card.answer.value ?? saved?.card ?? null) : null));
  const along = computed(() => kin.answer.value ?? saved?.kin ?? null);
  const scanned = signal(true);
  let asked: UnitName | null = null;
  let of = atlas.info.peek();
  const keep = effect(() => {
    if (card.answer.value) atlas.keep("card", writeCard(card.answer.value, kin.answer.value));
  });
  const ask = effect(() => {
    const unit = atlas.unit.value;
    const info = atlas.info.value;
    if (info !== of) asked = null;
    of = info;
    const site = unit?.slice(0, unit.lastIndexOf(":"));
    scanned.value = unit === null || info.sites.some(({ name }) => name === site);
    if (unit === null || !scanned.value || unit === asked) return;
    asked = unit;
    card.ask({ unit });
    kin.ask({ unit, count: KIN });
  });
  return {
    card: newest,
    kin: along,
    problem: card.problem,
    scanned,
    close: () => {
      keep();
      ask();
      atlas.end(card);
      atlas.end(kin);
    },
  };
}
