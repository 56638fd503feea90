/** Card of a unit: what it did over the data set, with the present input marked in it at every frame. */

import { computed, type ReadonlySignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { formatExact, formatValue } from "../../paint/scale.ts";
import { percent, tokenGlyphs } from "../../paint/words.ts";
import { unitGrid } from "../../panels/trace/wire.ts";
import { isLive, type Session } from "../../session/session.ts";
import { Called, sayUnit } from "../../ui/naming/unit-name.tsx";
import type { Frame } from "../../wire/frame.ts";
import type { Answer } from "../session/channel.ts";
import type { AtlasSession } from "../session/session.ts";
import type { CardStore } from "./card-store.ts";
import { Concepts } from "./concepts.tsx";
import { Histogram } from "./histogram.tsx";
import { LabelQuestion } from "./label-question.tsx";
import {
  type Card,
  type InputValues,
  inputValuesOf,
  type Mark,
  otherEndOf,
  presentValueOf,
} from "./present-value.ts";
import { Reads } from "./reads.tsx";
import { Outputs, Similar } from "./similar.tsx";
import { SwitchUnitOff } from "./switch-off.tsx";
import "./card.css";

type CardProps = {
  atlas: AtlasSession;
  store: CardStore;
  /** As low as can be, and without what stands in `CardDetails`. */
  brief?: boolean;
};

export function UnitCard({ atlas, store, brief = false }: CardProps) {
  const unit = atlas.unit.value;
  const { live } = atlas;
  const card = store.card.value;
  const fresh = card !== null && card.unit === unit;
  const reading = useMemo(
    () =>
      computed(() => {
        const frame = live?.frame.value ?? null;
        const token = live?.selection.value.token ?? frame?.head.token ?? null;
        return inputValuesOf(frame, store.card.value?.unit ?? null, token);
      }),
    [live, store],
  );
  const problem = store.problem.value;
  if (unit === null) return <p class="nw-empty">Choose a unit to see what it does over the data set.</p>;
  if (!store.scanned.value)
    return (
      <p class="nw-empty" data-nw="not-scanned">
        <span class="nw-mono">{unit.slice(0, unit.lastIndexOf(":"))}</span> is not in this atlas: it was not
        scanned. The atlas has{" "}
        <span class="nw-mono">{atlas.info.value.sites.map(({ name }) => name).join(", ")}</span>.
      </p>
    );
  if (card === null) {
    const words = isLive(atlas) ? "Reading the atlas." : "The card needs the kernel, and none answers.";
    return <p class="nw-empty">{problem ? `${problem.message} ${problem.hint}` : words}</p>;
  }
  return (
    <section
      class={fresh ? "nw-card" : "nw-card nw-card-before"}
      data-nw="card"
      data-unit={card.unit}
      data-fresh={fresh}
      data-kin={store.kin.value?.unit}
      aria-label={`Card of ${card.unit}`}
      aria-busy={!fresh}
    >
      <CardHead atlas={atlas} card={card} />
      {problem && !fresh && (
        <p class="nw-error" role="alert">
          {problem.message} {problem.hint}
        </p>
      )}
      <Histogram card={card} reading={reading} />
      {live && <LiveWords card={card} reading={reading} live={live} />}
      {live && <Reads atlas={atlas} reading={reading} />}
      {!brief && <CardDetails atlas={atlas} store={store} />}
      <p class="nw-said" aria-live="polite">
        {fresh ? `${sayUnit(atlas.labels.value, card.unit)}: ${card.words}` : ""}
      </p>
    </section>
  );
}

function CardHead({ atlas, card: { unit, state, words } }: { atlas: AtlasSession; card: Card }) {
  const labels = atlas.labels.value;
  return (
    <header class="nw-card-head">
      <h3 class="nw-mono" title={sayUnit(labels, unit)}>
        <Called labels={labels} unit={unit} />
      </h3>
      {state !== "ok" && state !== "" && (
        <span class="nw-card-state" data-nw="state" data-is={state}>
          {state}
        </span>
      )}
      <p class="nw-card-words" data-nw="state-words">
        {words}
      </p>
    </header>
  );
}

/** The numbers behind the card, and what is related to the unit. */
export function CardDetails({ atlas, store }: Pick<CardProps, "atlas" | "store">) {
  const card = store.card.value;
  if (card === null) return null;
  return (
    <>
      <Numbers card={card} />
      <div class="nw-kin" data-nw="kin">
        <Related atlas={atlas} card={card} kin={store.kin.value} />
      </div>
      <LabelQuestion atlas={atlas} unit={card.unit} />
      <SwitchUnitOff of={atlas} unit={card.unit} />
      <Concepts atlas={atlas} />
    </>
  );
}

function Related({ atlas, card, kin }: { atlas: AtlasSession; card: Card; kin: Answer<"kin"> | null }) {
  if (kin?.unit === card.unit)
    return (
      <>
        <Similar atlas={atlas} kin={kin} />
        <Outputs kin={kin} signed={(card.min ?? 0) < 0} />
      </>
    );
  return (
    <p class="nw-sub">
      {isLive(atlas)
        ? "Looking for similar units and outputs."
        : "Similar units and outputs need the kernel, and none answers."}
    </p>
  );
}

function Numbers({ card }: { card: Card }) {
  const share = (value: number | null) => (value === null ? "?" : percent(value));
  const exact = (value: number | null) => (value === null ? "?" : formatExact(value));
  const short = (value: number | null) => (value === null ? "?" : formatValue(value));
  return (
    <div class="nw-card-numbers">
      <span class="nw-soft" title="Share of values above zero, with its 95 % interval">
        Density
      </span>
      <span data-nw="density">
        {share(card.density)}
        {card.density_low !== null && (
          <span class="nw-soft">
            {" "}
            ({share(card.density_low)} to {share(card.density_high)})
          </span>
        )}
      </span>
      <span class="nw-soft">Smallest, largest</span>
      <span title={`${exact(card.min)} to ${exact(card.max)}`}>
        {short(card.min)}, {short(card.max)}
      </span>
      {card.mean !== null && (
        <>
          <span class="nw-soft">Mean, spread</span>
          <span title="Mean and standard deviation">
            {short(card.mean)} ± {short(card.std)}
          </span>
        </>
      )}
      {card.nonfinite > 0 && (
        <>
          <span class="nw-soft">NaN, ±∞</span>
          <span>{card.nonfinite.toLocaleString("en")}</span>
        </>
      )}
    </div>
  );
}

type LiveProps = {
  card: Card;
  reading: ReadonlySignal<InputValues | null>;
  live: Session;
};

/** The present input in words; as high with words as without. */
function LiveWords({ card, reading, live }: LiveProps) {
  const now = reading.value;
  const shown = live.frame.value;
  const other = now && shown && otherEndOf(shown, now.peak);
  const of = live.kind.words.input;
  return (
    <ul class="nw-live" data-nw="live-words">
      <li class="nw-live-peak" data-nw="live-peak">
        {now && shown ? (
          <>
            <span class="nw-live-key nw-live-key-peak" aria-hidden="true" />
            Strongest in this {of}: <b title={formatExact(now.peak.value)}>{formatValue(now.peak.value)}</b>
            {at(shown, now.peak)}
            {other && (
              <>
                , at the other end <b title={formatExact(other.value)}>{formatValue(other.value)}</b>
                {at(shown, other)}
              </>
            )}
            . {sayRank(card, now.peak.value)}
          </>
        ) : (
          <span class="nw-soft">What it does in this {of} appears here.</span>
        )}
      </li>
      {(!shown || shown.head.input.window) && (
        <li class="nw-live-here" data-nw="live-here">
          {now?.here && shown && (
            <>
              <span class="nw-live-key nw-live-key-here" aria-hidden="true" />
              Here: <b title={formatExact(now.here.value)}>{formatValue(now.here.value)}</b>
              {at(shown, now.here)}. {sayQuantile(card, now.here.value)}
            </>
          )}
        </li>
      )}
    </ul>
  );
}

function at(frame: Frame, { at: position }: Mark) {
  const grid = unitGrid(frame);
  if (grid) return ` at row ${Math.floor(position / grid[1])}, column ${position % grid[1]}`;
  if (!frame.head.input.window) return null;
  const token = frame.head.input.window.first + position;
  return (
    <>
      {" "}
      at <span class="nw-mono nw-token">{tokenGlyphs(frame, token)}</span>
    </>
  );
}

function sayRank(card: Card, value: number): string {
  const { rank, of, group } = presentValueOf(card, value);
  const which = group === "top" ? "strongest" : "most negative";
  if (rank === 1) return `Beyond all ${of} ${which} of the data set.`;
  if (rank !== null) return `It would be number ${rank} of the ${of} ${which}.`;
  return sayQuantile(card, value);
}

/** A quantile as exact as the histogram knows it. */
function sayQuantile(card: Card, value: number): string {
  const { quantile, least, most } = presentValueOf(card, value);
  if (Number.isNaN(quantile)) return "";
  const all = `of all ${card.things}`;
  if (most - least > 0.1) return `${percent(most - least)} ${all} are about as large.`;
  if (quantile === 0) return `Below all ${card.things} of the data set.`;
  if (quantile === 1) return `Above all ${card.things} of the data set.`;
  if (quantile > 0.9) return `Only ${percent(1 - quantile)} ${all} are above it.`;
  return `Above ${percent(quantile)} ${all}.`;
}
