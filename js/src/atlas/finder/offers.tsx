/** Questions that come up about a unit that was found: is its name right, what sets it apart, what rests on it. */
import type { FindAnswer } from "../../wire/atlas-protocol.ts";
import { LabelQuestion } from "../card/label-question.tsx";
import { SwitchUnitOff } from "../card/switch-off.tsx";
import { useLinked } from "../session/linked.ts";
import type { AtlasSession } from "../session/session.ts";

export function Offers({ atlas, units }: { atlas: AtlasSession; units: FindAnswer }) {
  const linked = useLinked(atlas);
  const unit = atlas.unit.value;
  if (unit === null) return null;
  const other =
    linked?.pins.value.find((pin) => pin !== unit) ?? units.rows.find(([name]) => name !== unit)?.[0];
  return (
    <div data-nw="find-offers">
      {atlas.live === null && <LabelQuestion atlas={atlas} unit={unit} />}
      {other !== undefined && (
        <p class="nw-sub">
          Which units tell its exemplars from those of {other}?{" "}
          <code class="nw-mono">explorer.compare_exemplars("{other}")</code>
        </p>
      )}
      <SwitchUnitOff of={atlas} unit={unit} />
    </div>
  );
}
