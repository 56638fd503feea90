/** What the unit reads: how much token, bigram and position tell of it, and what each says of it at this token. */
import type { ReadonlySignal } from "@preact/signals";
import { useContext, useEffect } from "preact/hooks";
import { formatExact, formatValue } from "../../paint/scale.ts";
import { Progress } from "../../panels/studies/progress.tsx";
import { type Study, StudyContext } from "../../panels/studies/study.ts";
import type { ReadContext } from "../../panels/studies/wire.ts";
import { isLive, type Session } from "../../session/session.ts";
import { numberOf } from "../../wire/values.ts";
import type { AtlasSession } from "../session/session.ts";
import type { InputValues, Mark } from "./present-value.ts";
import { keepAsked, keptAsked } from "./saved-asked.ts";

/** The page asks once nothing was asked for so long; what is known of the unit is soon told of another text. */
const REST_MS = 700;
const AGAIN_MS = 150;
const WORDS = { token: "token", bigram: "two tokens", position: "position" };
const NAMES = ["token", "bigram", "position"] as const;

type ReadsProps = { atlas: AtlasSession; live: Session; reading: ReadonlySignal<InputValues | null> };

export function Reads(props: ReadsProps) {
  const study = useContext(StudyContext)?.context;
  return study && props.live.kind.hasTokens ? <Asked {...props} study={study} /> : null;
}

function Asked({ atlas, live, reading, study }: ReadsProps & { study: Study<"context"> }) {
  const unit = atlas.unit.value;
  const frame = live.frame.value;
  const last = study.result.value;
  const newest: ReadContext | null = last ?? keptAsked(atlas).context;
  const known = newest?.unit === unit ? newest : null;
  const fresh = known !== null && last?.about === frame?.asked;
  useEffect(() => {
    if (known) keepAsked(atlas, { context: { ...known, told: [] } });
    if (fresh || !frame || frame.head.unit !== unit || !isLive(atlas)) return;
    const timer = setTimeout(() => study.ask(frame.seq, {}, frame.asked), known ? AGAIN_MS : REST_MS);
    return () => clearTimeout(timer);
  }, [frame, known, fresh]);
  const mark = fresh ? (reading.value?.here ?? reading.value?.peak ?? null) : null;
  const [verdict] = known?.verdict.split(". ") ?? [isLive(atlas) ? "Asked as soon as you rest." : ""];
  return (
    <div class="nw-reads" data-nw="reads" data-unit={known?.unit} data-fresh={fresh}>
      {NAMES.map((name, i) => (
        <Badge key={name} {...{ name, i, known, mark }} />
      ))}
      <Progress study={study} />
      <p class="nw-sub" role="status" data-nw="reads-said" title={known?.verdict}>
        {study.problem.value || verdict}
      </p>
    </div>
  );
}

type BadgeProps = { name: keyof typeof WORDS; i: number; known: ReadContext | null; mark: Mark | null };

/** What a table tells of the unit, and what it says at the token of `mark`; marked where that is near. */
function Badge({ name, i, known, mark }: BadgeProps) {
  const by = known?.by[i];
  const r2 = numberOf(by?.r2 ?? "nan");
  const told = numberOf((mark && known?.told[i]?.[mark.at]) ?? "nan");
  const near = mark !== null && Math.abs(told - mark.value) <= numberOf(known!.std) / 2;
  return (
    <span
      class={near ? "nw-read nw-read-near" : "nw-read"}
      data-nw={`read-${name}`}
      data-near={near}
      title={by && sayTable(WORDS[name], by, told)}
    >
      {WORDS[name]} <b>{by ? share(r2) : "?"}</b>
      <span class="nw-read-bar" style={{ width: `${100 * Math.max(0, r2 || 0)}%` }} />
      <span class="nw-soft">
        {Number.isNaN(told) ? "\u00a0" : `here ${formatValue(told)}${near ? " ✓" : ""}`}
      </span>
    </span>
  );
}

const share = (r2: number) => (Number.isNaN(r2) ? "–" : formatValue(Math.round(100 * r2) / 100));

function sayTable(words: string, by: ReadContext["by"][number], told: number): string {
  const [r2, low, high, chance] = [by.r2, by.low, by.high, by.null].map((value) => share(numberOf(value)));
  const here = Number.isNaN(told) ? "" : ` At this token it says ${formatExact(told)}.`;
  return `The ${words} alone: R² ${r2} on texts held out (95 %: ${low} to ${high}; permuted ${chance} at most).${here}`;
}
