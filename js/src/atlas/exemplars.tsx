/** The grid of exemplars as a widget of its own. */
import type { AtlasSession } from "./session.ts";

export function ExemplarGrid({ atlas }: { atlas: AtlasSession }) {
  return <div data-nw="exemplars">{atlas.unit.value}</div>;
}
