/** First line of a view: which unit is shown and what it is called, back and forward through those looked at. */
import { effect } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { labelOf, withName } from "../../session/labels.ts";
import { isLive, type Session } from "../../session/session.ts";
import type { UnitName } from "../../wire/protocol.ts";
import { NameField } from "./name-field.tsx";
import { Trail } from "./trail.ts";
import { sayUnit, Tested } from "./unit-name.tsx";
import "./naming.css";

/** What has a unit that can be named: a live view, or a view of an atlas. */
export type Named = Pick<Session, "unit" | "labels" | "state" | "setUnit" | "setLabels">;

/** `children`: what else can be done with the unit. */
export function UnitLine({ of, children }: { of: Named; children?: ComponentChildren }) {
  const line = useRef<HTMLDivElement>(null);
  const trail = useMemo(() => new Trail(), [of]);
  useEffect(() => effect(() => trail.see(of.unit.value)), [of, trail]);
  const go = (by: -1 | 1) => {
    const unit = trail.go(by, of.unit.peek());
    if (unit !== null) of.setUnit(unit);
  };
  useStepKeys(line, go);
  const unit = of.unit.value;
  return (
    <div ref={line} class="nw-unit-line" data-nw="unit-line">
      <Step of={of} trail={trail} by={-1} go={go} />
      <Step of={of} trail={trail} by={1} go={go} />
      {unit === null ? (
        <p class="nw-unit-says nw-soft" data-nw="unit-says">
          no unit is chosen – click one to see what it does
        </p>
      ) : (
        <Sentence key={unit} of={of} unit={unit} />
      )}
      {unit !== null && children}
      <span class="nw-said" role="status" data-nw="unit-said">
        {unit === null ? "" : sayUnit(of.labels.value, unit)}
      </span>
    </div>
  );
}

type StepProps = { of: Named; trail: Trail; by: -1 | 1; go: (by: -1 | 1) => void };

function Step({ of, trail, by, go }: StepProps) {
  const to = isLive(of) ? trail.next(by, of.unit.value) : null;
  const [words, sign, name] =
    by < 0 ? ["Back", "←", "unit-back"] : (["Forward", "→", "unit-forward"] as const);
  const says = to === null ? words : `${words} to ${sayUnit(of.labels.value, to)}`;
  return (
    // Not `disabled`: the focus would be lost at the end of the way.
    <button
      type="button"
      class="nw-icon"
      data-nw={name}
      aria-disabled={to === null}
      aria-label={says}
      title={`${says} (Alt ${sign})`}
      onClick={() => to !== null && go(by)}
    >
      {sign}
    </button>
  );
}

function Sentence({ of, unit }: { of: Named; unit: UnitName }) {
  const [editing, setEditing] = useState(false);
  const pencil = useRef<HTMLButtonElement>(null);
  const returns = useRef(false);
  useLayoutEffect(() => {
    if (!editing && returns.current) pencil.current?.focus();
    returns.current = false;
  }, [editing]);
  const labels = of.labels.value;
  const { words: name, says } = labelOf(labels, unit);
  const done = (words: string | null, byKey: boolean) => {
    returns.current = byKey;
    setEditing(false);
    if (words !== null) of.setLabels(withName(of.labels.peek(), unit, words));
  };
  return (
    <>
      <p class="nw-unit-says" data-nw="unit-says" title={`${sayUnit(labels, unit)} ${says}`.trim()}>
        <span class="nw-mono nw-strong">{unit}</span>
        {!editing && (
          <>
            {" · "}
            {name === "" ? (
              <span class="nw-soft">no name yet</span>
            ) : (
              <>
                <Tested labels={labels} unit={unit} />
                <b>{name}</b>
              </>
            )}
            {says !== "" && <span class="nw-soft"> {says}</span>}
          </>
        )}
      </p>
      {name !== "" && !editing && isLive(of) && <IsItRight unit={unit} />}
      {editing ? (
        <NameField unit={unit} words={name} done={done} />
      ) : (
        <button
          ref={pencil}
          type="button"
          class={name === "" ? "nw-name-it" : "nw-icon"}
          data-nw="name-it"
          disabled={!isLive(of)}
          aria-label={name === "" ? `Name ${unit}` : `Rename ${unit}`}
          onClick={() => setEditing(true)}
        >
          {name === "" && "name it "}✎
        </button>
      )}
    </>
  );
}

/** The call that tests a name blind, for a cell of the notebook: a click copies it, and says so. */
function IsItRight({ unit }: { unit: UnitName }) {
  const [copied, setCopied] = useState(false);
  const call = `nw.BlindTest(live, atlas, "${unit}")`;
  return (
    <button
      type="button"
      class="nw-name-it"
      data-nw="is-it-right"
      title={`Copies ${call}, which tests this name blind; labels.test(…) tests it by a predicate`}
      onClick={() => navigator.clipboard?.writeText(call).then(() => setCopied(true))}
    >
      {copied ? "copied: paste it into a cell" : "is it right?"}
    </button>
  );
}

/** Alt with ← and → anywhere in the view, but where that moves by words: in a field of a Mac. */
function useStepKeys(line: { current: HTMLElement | null }, go: (by: -1 | 1) => void): void {
  const latest = useRef(go);
  latest.current = go;
  useEffect(() => {
    const root = line.current?.closest<HTMLElement>(".nw-root");
    const life = new AbortController();
    const step = (event: KeyboardEvent) => {
      const by = ({ ArrowLeft: -1, ArrowRight: 1 } as const)[event.key];
      if (by === undefined || !event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const field = (event.target as Element).closest("input, textarea, select") as HTMLElement | null;
      if (field && (field.dataset.nw === "name-field" || /Mac|iP/.test(navigator.platform))) return;
      event.preventDefault();
      event.stopPropagation();
      latest.current(by);
    };
    root?.addEventListener("keydown", step, { capture: true, signal: life.signal });
    return () => life.abort();
  }, []);
}
