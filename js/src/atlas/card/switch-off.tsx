/** Offer to switch a unit off in the Explorer, so that a person sees whether anything rests on it. */
import { isLive } from "../../session/session.ts";
import type { EditSetting } from "../../wire/edits.ts";
import type { UnitName } from "../../wire/protocol.ts";
import { useLinked } from "../session/linked.ts";
import type { AtlasSession } from "../session/session.ts";

const isOff = (edit: EditSetting) => edit.on && edit.edit === "scale" && edit.factor === 0;

export function SwitchOff({ of, unit }: { of: AtlasSession; unit: UnitName }) {
  const linked = useLinked(of);
  if (!linked)
    return (
      <p class="nw-sub">
        To see what rests on it, switch it off:{" "}
        <code class="nw-mono">nw.effect(live, inputs, nw.Ablate("{unit}"))</code>
      </p>
    );
  const edits = linked.edits.value;
  const off = edits.some((edit) => edit.unit === unit && isOff(edit));
  const others = edits.filter((edit) => edit.unit !== unit);
  const add: EditSetting = { edit: "scale", factor: 0, unit, scope: "all", when: null, on: true };
  return (
    <p class="nw-sub nw-switch-off">
      <button
        type="button"
        data-nw="switch-off"
        aria-pressed={off}
        disabled={!isLive(of)}
        onClick={() => linked.setEdits(off ? others : [...others, add])}
      >
        {off ? "switch it on again" : "switch it off"}
      </button>{" "}
      {off
        ? "It is off: the Explorer shows what the model does without it."
        : "and see in the Explorer what the model does without it."}
    </p>
  );
}
