/** Finder of units as a widget of its own. */

import { UnitLine } from "../../ui/naming/unit-line.tsx";
import { NotLive } from "../../ui/status.tsx";
import type { Query } from "../../wire/atlas-protocol.ts";
import { Finder } from "../finder/finder.tsx";
import type { AtlasSession } from "../session/session.ts";

export function FinderAlone({ atlas }: { atlas: AtlasSession }) {
  const { model, about } = atlas.info.value;
  const query = atlas.trait("query").value as Partial<Query> | undefined;
  return (
    <div class="nw-finder-alone">
      <header class="nw-head">
        <span class="nw-model" title={`The model ${model}`}>
          {model || "model"}
        </span>
        <UnitLine of={atlas} />
        {about && <span class="nw-soft">{about}</span>}
        <NotLive of={atlas} />
      </header>
      <Finder atlas={atlas} query={query ?? {}} />
    </div>
  );
}
