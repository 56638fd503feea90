/** State of the finder: the query, its densities as a person writes them, and asking. */
import { type Signal, signal } from "@preact/signals";
import type { Query } from "../../wire/atlas-protocol.ts";
import type { Channel } from "../session/channel.ts";
import type { AtlasSession } from "../session/session.ts";

const COUNT = 200;
const NOTHING: Query = {
  sites: [],
  states: [],
  density: null,
  text: "",
  at: "",
  fires: false,
  similar: null,
  order: "",
};

export type Search = {
  readonly query: Signal<Query>;
  /** The least and the most, in percent. */
  readonly density: Signal<[string, string]>;
  set(patch: Partial<Query>): void;
  /** Asks for what Python looks for, or for everything. */
  begin(): void;
  /** Asks for what the form says, and tells Python. */
  find(): void;
};

export function createSearch(atlas: AtlasSession, channel: Channel<"find">, given?: Partial<Query>): Search {
  const query = signal<Query>({ ...NOTHING, ...given });
  const [low, high] = query.peek().density ?? [];
  const density = signal<[string, string]>(
    low === undefined || high === undefined ? ["", ""] : [String(100 * low), String(100 * high)],
  );
  const ask = (about: Query) => channel.ask({ ...about, count: COUNT });
  return {
    query,
    density,
    set(patch) {
      query.value = { ...query.peek(), ...patch };
    },
    begin: () => ask(query.peek()),
    find() {
      const complete = { ...query.peek(), density: readDensity(density.peek()) };
      atlas.tell({ query: complete });
      ask(complete);
    },
  };
}

/** Percents as a person wrote them; null where nothing was written. */
export function readDensity([low, high]: [string, string]): [number, number] | null {
  if (low.trim() === "" && high.trim() === "") return null;
  const share = (text: string, otherwise: number) =>
    text.trim() === "" || !Number.isFinite(Number(text)) ? otherwise : Number(text) / 100;
  return [share(low, 0), share(high, 1)];
}
