/** One edit: its unit, what is done and how much, where it acts, and what the unit did and does. */

import { isLive, type Session } from "../../session/session.ts";
import { Called, sayUnit } from "../../ui/naming/unit-name.tsx";
import { NumberBox } from "../../ui/number-box.tsx";
import type { Change, EditSetting, Scope } from "../../wire/edits.ts";
import { textWindow } from "../../wire/tokens.ts";
import { numberOf } from "../../wire/values.ts";
import type { EditsController } from "./edits-controller.ts";
import { Strength } from "./strength-slider.tsx";
import { editedUnit } from "./wire.ts";
import { sayFollowed } from "./words.ts";

type RowProps = { session: Session; control: EditsController; edit: EditSetting; index: number };

export function EditRow({ session, control, edit, index }: RowProps) {
  const disabled = !isLive(session);
  const { unit, on } = edit;
  const labels = session.labels.value;
  return (
    <li class={on ? "nw-edit" : "nw-edit nw-edit-off"} data-edit={unit}>
      <div class="nw-edit-line">
        <input
          type="checkbox"
          role="switch"
          data-nw="edit-on"
          checked={on}
          aria-checked={on}
          aria-label={`The edit of ${unit} is on`}
          title={on ? "On: click to see the model without this edit" : "Off: click to let it act again"}
          disabled={disabled}
          onChange={(event) => control.set(index, { on: event.currentTarget.checked })}
        />
        <button
          type="button"
          class="nw-link nw-mono nw-bar-name nw-edit-unit"
          title={`Follow ${sayUnit(labels, unit)}`}
          disabled={disabled || isNamed(session, unit)}
          onClick={() => session.setUnit(unit)}
        >
          <Called labels={labels} unit={unit} />
        </button>
        <Amount {...{ control, edit, index, disabled }} />
        <button
          type="button"
          class="nw-icon"
          data-nw="edit-remove"
          aria-label={`Remove the edit of ${unit}`}
          title="Remove this edit"
          disabled={disabled}
          onClick={() => control.remove(index)}
        >
          ✕
        </button>
      </div>
      <div class="nw-edit-line nw-edit-how">
        <ChangeChoice {...{ session, control, edit, index }} />
        <ScopeChoice {...{ session, control, edit, index }} />
        <ConditionChoice {...{ session, control, edit, index }} />
        <Followed session={session} edit={edit} index={index} />
      </div>
    </li>
  );
}

/** What was said of the edit: that it cannot act, or what the unit did and does. */
function Followed({ session, edit, index }: Omit<RowProps, "control">) {
  const frame = session.frame.value;
  const problem = frame?.head.edits?.problems.find((one) => one.index === index);
  if (edit.on && problem) {
    return (
      <p class="nw-edit-problem" role="alert" data-nw="edit-problem">
        This edit does not act: {problem.message}
      </p>
    );
  }
  const followed = edit.on ? editedUnit(frame, index) : null;
  return (
    <p class="nw-sub nw-edit-words">
      {!edit.on && "off: the model is as it was"}
      {frame && followed?.unit === edit.unit && sayFollowed(frame, followed)}
    </p>
  );
}

const CHOICES: [name: string, words: string][] = [
  ["scale", "times"],
  ["clamp", "hold at"],
  ["mean", "hold at its mean"],
  ["zero", "hold at zero"],
  ["resample", "draw from elsewhere"],
  ["steer", "steer along its weights"],
];

function ChangeChoice({ session, control, edit, index }: RowProps) {
  const chosen = edit.edit === "ablate" ? edit.to : edit.edit;
  return (
    <select
      data-nw="edit-change"
      aria-label={`What is done to ${edit.unit}`}
      value={chosen}
      disabled={!isLive(session)}
      onChange={(event) => control.change(index, changeCalled(event.currentTarget.value, session, index))}
    >
      {isNamed(session, edit.unit) ? (
        <option value="steer">steer along it</option>
      ) : (
        CHOICES.map(([name, words]) => (
          <option key={name} value={name}>
            {words}
          </option>
        ))
      )}
    </select>
  );
}

/** A tenth of what is there: more drowns it. */
export const STEERED: Change = { edit: "steer", strength: 0.1 };
/** Is it the name of a direction? Else it is a unit. */
const isNamed = (session: Session, name: string) => session.catalog.value.directions?.includes(name) === true;

/** A value is held at first where it was. */
function changeCalled(name: string, session: Session, index: number): Change {
  if (name === "scale") return { edit: "scale", factor: 0 };
  if (name === "steer") return STEERED;
  if (name !== "clamp") return { edit: "ablate", to: name as "mean" };
  const before = editedUnit(session.frame.peek(), index)?.before ?? 0;
  const value = numberOf(before);
  return { edit: "clamp", value: Number.isFinite(value) ? Number(value.toPrecision(3)) : 0 };
}

type AmountProps = Omit<RowProps, "session"> & { disabled: boolean };

function Amount({ control, edit, index, disabled }: AmountProps) {
  if (edit.edit === "scale") return <Strength {...{ control, edit, index, disabled }} />;
  if (edit.edit === "steer")
    return (
      <span class="nw-strength">
        <NumberBox
          hook="steer-strength"
          label={`Strength along ${edit.unit}`}
          value={edit.strength}
          disabled={disabled}
          set={(strength) => control.set(index, { strength })}
        />
        <span class="nw-sub"> × the typical length</span>
      </span>
    );
  if (edit.edit !== "clamp") return <span class="nw-strength" />;
  return (
    <span class="nw-strength">
      <NumberBox
        hook="value"
        label={`Value of ${edit.unit}`}
        value={edit.value}
        disabled={disabled}
        set={(value) => control.set(index, { value })}
      />
    </span>
  );
}

/** Inputs without tokens are edited as a whole. */
function ScopeChoice({ session, control, edit, index }: RowProps) {
  if (!session.kind.hasTokens) return null;
  const frame = session.frame.value;
  const { scope } = edit;
  const name = typeof scope === "string" ? scope : "tokens";
  // Places count within the window that the model sees.
  const first = frame ? textWindow(frame).first : 0;
  const token = session.selection.value.token ?? frame?.head.token ?? null;
  const here = token === null || token < first ? null : [token - first];
  const at = typeof scope === "string" ? here : scope;
  return (
    <select
      data-nw="edit-scope"
      aria-label={`Where ${edit.unit} is edited`}
      value={name}
      disabled={!isLive(session)}
      onChange={(event) => {
        const to = event.currentTarget.value;
        control.set(index, { scope: to === "tokens" ? (at ?? "all") : (to as Scope) });
      }}
    >
      <option value="all">everywhere</option>
      <option value="last">at the last token</option>
      {at !== null && <option value="tokens">at token {at.map((place) => place + first).join(", ")}</option>}
    </select>
  );
}

/** The condition: another unit that is followed, and the value that it must be above. */
function ConditionChoice({ session, control, edit, index }: RowProps) {
  const { when, unit } = edit;
  const followed = [session.unit.value, ...session.pins.value, when?.unit ?? null];
  const units = [...new Set(followed)].filter((name): name is string => name !== null && name !== unit);
  if (units.length === 0) return null;
  const disabled = !isLive(session);
  return (
    <>
      <select
        data-nw="edit-when"
        aria-label={`On which condition ${unit} is edited`}
        value={when?.unit ?? ""}
        disabled={disabled}
        onChange={(event) => {
          const name = event.currentTarget.value;
          control.set(index, { when: name === "" ? null : { unit: name, above: when?.above ?? 0 } });
        }}
      >
        <option value="">always</option>
        {units.map((name) => (
          <option key={name} value={name}>
            where {name} is above
          </option>
        ))}
      </select>
      {when && (
        <NumberBox
          hook="edit-above"
          label={`The value that ${when.unit} must be above`}
          value={when.above}
          disabled={disabled}
          set={(above) => control.set(index, { when: { ...when, above } })}
        />
      )}
    </>
  );
}
