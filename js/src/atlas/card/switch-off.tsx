/** Offer to switch units off in the Explorer, so that a person sees whether anything rests on them. */
import { isLive } from "../../session/session.ts";
import type { EditSetting } from "../../wire/edits.ts";
import type { UnitName } from "../../wire/protocol.ts";
import { LIMITS } from "../../wire/shared.ts";
import { useLinked } from "../session/linked.ts";
import type { AtlasSession } from "../session/session.ts";

const isOff = (edit: EditSetting) => edit.on && edit.edit === "scale" && edit.factor === 0;

/** `code`: the same in Python, where no Explorer is linked or the units are too many for it. */
type SwitchOffProps = { of: AtlasSession; units: readonly UnitName[]; code: string };

export function SwitchOff({ of, units, code }: SwitchOffProps) {
  const linked = useLinked(of);
  const edits = linked?.edits.value ?? [];
  const others = edits.filter(({ unit }) => !units.includes(unit));
  const it = units.length === 1 ? "it" : "them";
  if (!linked || others.length + units.length > LIMITS.edits)
    return (
      <p class="nw-sub">
        To see what rests on {it}, switch {it} off: <code class="nw-mono">{code}</code>
      </p>
    );
  const off = units.every((unit) => edits.some((edit) => edit.unit === unit && isOff(edit)));
  const added = units.map(
    (unit): EditSetting => ({ edit: "scale", factor: 0, unit, scope: "all", when: null, on: true }),
  );
  return (
    <p class="nw-sub nw-switch-off">
      <button
        type="button"
        data-nw="switch-off"
        aria-pressed={off}
        disabled={!isLive(of)}
        onClick={() => linked.setEdits(off ? others : [...others, ...added])}
      >
        {off ? `switch ${it} on again` : `switch ${it} off`}
      </button>{" "}
      {off
        ? `${it === "it" ? "It is" : "They are"} off: the Explorer shows what the model does without ${it}.`
        : `and see in the Explorer what the model does without ${it}.`}
    </p>
  );
}

/** The offer for one unit. */
export function SwitchUnitOff({ of, unit }: { of: AtlasSession; unit: UnitName }) {
  return <SwitchOff of={of} units={[unit]} code={`nw.effect(live, inputs, nw.Ablate("${unit}"))`} />;
}
