/** Exemplars of the selected unit: groups to choose from, the list, and what can be done with what is picked. */

import { useEffect, useMemo, useState } from "preact/hooks";
import type { Exemplar, Listing } from "../../kinds/exemplars.ts";
import { faceOf, isDarkGround } from "../../kinds/registry.ts";
import { plural } from "../../paint/words.ts";
import { isLive } from "../../session/session.ts";
import type { Channel, Problem } from "../session/channel.ts";
import type { AtlasSession } from "../session/session.ts";
import { ContextChoice, GroupTabs, Ramp } from "./exemplars-bar.tsx";
import { List } from "./list/list.tsx";
import type { Use, Whole } from "./list/opened.tsx";
import { createExemplarSettings, type ExemplarSettings } from "./store/exemplar-settings.ts";
import { ExemplarStore } from "./store/exemplar-store.ts";
import { sayNone, sayState } from "./store/words.ts";
import "./exemplars.css";
import "./list/list.css";
import "./list/contents.css";

type ExemplarsProps = {
  atlas: AtlasSession;
  height?: number;
  /** What the widget is called in Python. */
  handle?: string;
};

export function Exemplars({ atlas, height = 420, handle }: ExemplarsProps) {
  const settings = useMemo(() => createExemplarSettings(atlas), [atlas]);
  const store = useMemo(() => new ExemplarStore(atlas), [atlas]);
  const sender = useMemo(() => atlas.channel("use"), [atlas]);
  useEffect(
    () => () => {
      settings.close();
      store.close();
      atlas.end(sender);
    },
    [settings, store, sender],
  );
  const unit = atlas.unit.value;
  const { group, context } = settings.shown.value;
  useEffect(() => store.show(unit, group), [store, unit, group]);
  const [outcome, setOutcome] = useState("");
  useEffect(() => setOutcome(""), [unit]);

  const listing = store.listing.value;
  const problem = store.problem.value;
  const fresh = listing !== null && listing.unit === unit && listing.group === group;
  const use: Use = (exemplar, whole) => {
    if (listing) setOutcome(putInEditor(atlas, sender, listing, exemplar, whole));
  };
  const sent = sender.answer.value;
  useEffect(() => {
    if (sent) setOutcome(`Put into ${sent.to}.`);
  }, [sent]);
  return (
    <section
      class="nw-exemplars"
      data-nw="exemplars"
      data-unit={listing?.unit}
      data-group={listing?.group}
      data-fresh={fresh}
      aria-label="Exemplars"
      aria-busy={!fresh && unit !== null}
    >
      <div class="nw-ex-bar">
        <GroupTabs
          listing={listing?.unit === unit ? listing : null}
          group={group}
          choose={(to) => settings.setShown({ group: to })}
        />
        {faceOf(atlas.info.value.input).hasContext && (
          <ContextChoice context={context} choose={(to) => settings.setShown({ context: to })} />
        )}
        {listing && <Ramp scale={listing.scale} unit={listing.unit} ground={isDarkGround(listing.input)} />}
      </div>
      {unit === null && <p class="nw-empty">Choose a unit to see the inputs that show what it does.</p>}
      {problem && !fresh && <Trouble problem={problem} />}
      {unit !== null && listing && (fresh || !problem) && (
        <div class={fresh ? "" : "nw-ex-before-now"}>
          <Notice words={sayState(listing)} />
          {listing.total === 0 ? (
            <p class="nw-empty" data-nw="exemplars-none">
              {sayNone(listing)}
            </p>
          ) : (
            <List
              key={`${listing.unit} ${listing.group}`}
              {...{ atlas, store, settings, listing, context, height, use }}
              canUse={isLive(atlas)}
            />
          )}
        </div>
      )}
      {unit !== null && !listing && !problem && <Coming atlas={atlas} />}
      <Foot
        atlas={atlas}
        settings={settings}
        inPython={handle ?? (atlas.live ? "explorer" : "grid")}
        words={sender.problem.value?.message ?? outcome}
      />
    </section>
  );
}

function Coming({ atlas }: { atlas: AtlasSession }) {
  const words = "The exemplars are on their way.";
  return <p class="nw-empty">{isLive(atlas) ? words : "The exemplars need the kernel, and none answers."}</p>;
}

type FootProps = {
  atlas: AtlasSession;
  settings: ExemplarSettings;
  /** What the widget is called in Python. */
  inPython: string;
  /** What came of the last thing a person did. */
  words: string;
};

function Foot({ atlas, settings, inPython, words }: FootProps) {
  const unit = atlas.unit.value;
  const picked = settings.picked.value;
  return (
    <div class="nw-ex-foot">
      <span class="nw-soft" data-nw="picked-count">
        {picked.length > 0
          ? `${plural(picked.length, "exemplar")} picked: ${inPython}.selected in Python.`
          : isLive(atlas) &&
            `Click to pick; Shift and Control pick more. ${inPython}.selected has them in Python.`}
      </span>
      {picked.length > 0 && unit !== null && (
        <button type="button" data-nw="picked-clear" onClick={() => settings.setPicked(unit, [])}>
          Clear
        </button>
      )}
      {atlas.live && unit !== null && <Comparing {...{ atlas, unit, inPython }} picked={picked.length} />}
      <span class="nw-soft" role="status">
        {words}
      </span>
    </div>
  );
}

type ComparingProps = Pick<FootProps, "atlas" | "inPython"> & { unit: string; picked: number };

/** Offers a question that comes up here, by its call: these exemplars against those. */
function Comparing({ atlas, unit, inPython, picked }: ComparingProps) {
  const other = atlas.live!.pins.value.find((pin) => pin !== unit);
  if (picked === 0 && other === undefined) return null;
  const [these, those] = picked > 0 ? ["", "the others"] : [`"${other}"`, `those of ${other}`];
  return (
    <span class="nw-soft" data-nw="compare-exemplars">
      Which units tell {picked > 0 ? "the picked" : "these"} from {those}?{" "}
      <code class="nw-mono">
        {inPython}.compare_exemplars({these})
      </code>
    </span>
  );
}

/** Beside a live view it becomes the input at once; else Python says where it goes. */
function putInEditor(
  { live }: AtlasSession,
  sender: Channel<"use">,
  { unit, input }: Listing,
  exemplar: Exemplar,
  whole?: Whole,
): string {
  if (!live) {
    sender.ask({ unit, key: exemplar.key, document: whole !== undefined });
    return "";
  }
  if (whole) {
    live.setText(whole.text, whole.cursor);
    return "In the editor now: the document.";
  }
  return faceOf(input).use(exemplar, live);
}

function Notice({ words }: { words: string | null }) {
  return words === null ? null : (
    <p class="nw-notice" data-nw="exemplars-state">
      {words}
    </p>
  );
}

function Trouble({ problem: { message, hint } }: { problem: Problem }) {
  return (
    <div class="nw-error" data-nw="error" role="alert">
      <strong>{message}</strong>
      {hint !== "" && <p>{hint}</p>}
    </div>
  );
}
