/** First line of a result's view: the model, the chosen unit, why it is not live, and the whole screen. */
import type { AtlasSession } from "../atlas/session/session.ts";
import { UnitLine } from "../ui/naming/unit-line.tsx";
import { FullScreen } from "../ui/screen/full-screen.tsx";
import { NotLive } from "../ui/status.tsx";

export function ResultHead({ of, model }: { of: AtlasSession; model: string }) {
  return (
    <header class="nw-head nw-result-first">
      <span class="nw-model" title={`The model ${model}`}>
        {model}
      </span>
      <UnitLine of={of} />
      <NotLive of={of} />
      <FullScreen />
    </header>
  );
}
