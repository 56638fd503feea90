/** Offer of a card: is what the unit is called right? Opens on the call of Python that tests it blind. */
import { labelOf } from "../../session/labels.ts";
import type { UnitName } from "../../wire/protocol.ts";
import type { AtlasSession } from "../session/session.ts";

export function LabelQuestion({ atlas, unit }: { atlas: AtlasSession; unit: UnitName }) {
  const { words } = labelOf(atlas.labels.value, unit);
  return (
    <details data-nw="label-question">
      <summary class="nw-title">{words === "" ? "What does it fire for?" : "Is this label right?"}</summary>
      <p class="nw-sub">
        Judge inputs without knowing the answers:{" "}
        <code class="nw-mono">nw.BlindTest(live, atlas, "{unit}")</code>
      </p>
    </details>
  );
}
