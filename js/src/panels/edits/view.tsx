/** Panel of edits: turn units of the model up, down or off, and see what follows beside the model as it was. */
import { useMemo } from "preact/hooks";
import { isLive, type Session } from "../../session/session.ts";
import { Called } from "../../ui/naming/unit-name.tsx";
import { useNeed } from "../../ui/need.ts";
import { acts } from "../../wire/edits.ts";
import type { UnitName } from "../../wire/protocol.ts";
import { ChangedUnits } from "./changed-units.tsx";
import { CompareSwitch } from "./compare.tsx";
import { Direct } from "./direct.tsx";
import { EditRow, STEERED } from "./edit-row.tsx";
import { EditsController } from "./edits-controller.ts";
import { HoldButton } from "./hold-button.tsx";
import { Continuation } from "./questions/continuation.tsx";
import { ControlStrip } from "./questions/control-strip.tsx";
import { Dose } from "./questions/dose.tsx";
import "./edits.css";
import "./questions/questions.css";

const MOST_CHANGED = 8;

export function Edits({ session }: { session: Session }) {
  const control = useMemo(() => new EditsController(session), [session]);
  const edits = session.edits.value;
  const acting = edits.some(acts);
  const compares = acting || session.beside.value !== null;
  useNeed(session, "edits", compares ? { most: MOST_CHANGED } : null);
  const undoes = control.past.value.length > 0;
  if (!isLive(session) && edits.length === 0) return null;
  return (
    <section
      class={edits.length > 0 ? "nw-edits nw-edits-open" : "nw-edits"}
      data-nw="edits"
      aria-label="Edits of the model"
      onKeyDown={(event) => {
        if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || !undoes) return;
        event.preventDefault();
        control.undo();
      }}
    >
      <div class="nw-edits-head">
        <h3 class="nw-title">Edit the model</h3>
        <Presets session={session} control={control} />
        <span class="nw-edits-tools">
          {compares && <CompareSwitch session={session} />}
          <HoldButton session={session} />
          {undoes && (
            <button
              type="button"
              data-nw="edits-undo"
              title="Take the last step back (Ctrl/⌘ Z in here)"
              onClick={() => control.undo()}
            >
              undo
            </button>
          )}
          {edits.length > 0 && (
            <button
              type="button"
              data-nw="edits-reset"
              title="Remove all edits"
              disabled={!isLive(session)}
              onClick={() => control.clear()}
            >
              reset
            </button>
          )}
        </span>
      </div>
      {edits.length > 0 && (
        <div class="nw-edits-body">
          <ol class="nw-edits-list">
            {edits.map((edit, index) => (
              <EditRow key={index} {...{ session, control, edit, index }} />
            ))}
          </ol>
          {acting && (
            <div class="nw-followed">
              <ChangedUnits session={session} />
              <ControlStrip session={session} />
              <Direct session={session} />
              <Dose session={session} />
            </div>
          )}
          {acting && session.catalog.value.continues && <Continuation session={session} />}
        </div>
      )}
    </section>
  );
}

type PresetsProps = { session: Session; control: EditsController };

/** What can be done with the unit that is selected, and with those that are pinned. */
function Presets({ session, control }: PresetsProps) {
  const edited = new Set(session.edits.value.map(({ unit }) => unit));
  const disabled = !isLive(session);
  const chosen = session.unit.value;
  const pins = session.pins.value.filter((pin) => pin !== chosen && !edited.has(pin));
  const labels = session.labels.value;
  const scale = (unit: UnitName, factor: number) => control.add(unit, { edit: "scale", factor });
  return (
    <span class="nw-presets">
      {chosen === null && pins.length === 0 && edited.size === 0 && (
        <span class="nw-sub">choose a unit to turn it up, down or off: everything below follows</span>
      )}
      {chosen !== null && !edited.has(chosen) && (
        <>
          <span class="nw-mono nw-preset-unit">
            <Called labels={labels} unit={chosen} />
          </span>
          <button type="button" data-nw="edit-off" disabled={disabled} onClick={() => scale(chosen, 0)}>
            switch off
          </button>
          <button type="button" data-nw="edit-double" disabled={disabled} onClick={() => scale(chosen, 2)}>
            double
          </button>
          <button
            type="button"
            data-nw="edit-steer"
            title="Add the direction in which it writes"
            disabled={disabled}
            onClick={() => control.add(chosen, STEERED)}
          >
            steer along
          </button>
        </>
      )}
      {pins.map((pin) => (
        <button
          key={pin}
          type="button"
          class="nw-mono"
          data-nw="edit-pin"
          title={`Edit the pinned ${pin}, too: at first it is switched off`}
          disabled={disabled}
          onClick={() => scale(pin, 0)}
        >
          + {pin}
        </button>
      ))}
      {(session.catalog.value.directions ?? []).map(
        (name) =>
          !edited.has(name) && (
            <button
              key={name}
              type="button"
              data-nw="edit-direction"
              title={`Steer along ${name}`}
              disabled={disabled}
              onClick={() => control.add(name, STEERED)}
            >
              → {name}
            </button>
          ),
      )}
      {edited.size === 0 && (chosen !== null || pins.length > 0) && (
        <span class="nw-sub nw-edits-hint">and everything below follows, beside the model as it was</span>
      )}
    </span>
  );
}
