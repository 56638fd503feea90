/** An Explorer with what the atlas says of the selected unit at its right side. */
import type { ComponentType } from "preact";
import type { Session } from "../session.ts";
import type { AtlasSession } from "./session.ts";
import type { LiveAtlasView } from "./widget.tsx";
import "./side.css";

/** The same Explorer, and the side. */
export function withSide(Explorer: ComponentType<{ session: Session }>): LiveAtlasView {
  return ({ session, atlas }) => (
    <div class="nw-with-side">
      <Explorer session={session} />
      <ExplorerSide session={session} atlas={atlas} />
    </div>
  );
}

function ExplorerSide({ atlas }: { session: Session; atlas: AtlasSession }) {
  return (
    <aside class="nw-side" data-nw="atlas-side" aria-label="Over the data set">
      <h3 class="nw-title">Over the data set</h3>
      {atlas.unit.value === null && <p class="nw-empty">Choose a unit to see what it does elsewhere.</p>}
    </aside>
  );
}
