/** What the unit reads: how much token, bigram and position tell of it, and what each says of it at this token. */
import type { ReadonlySignal } from "@preact/signals";
import { useContext } from "preact/hooks";
import { formatValue } from "../../paint/scale.ts";
import { Progress } from "../../panels/studies/progress.tsx";
import { type Study, StudyContext } from "../../panels/studies/study.ts";
import { numberOf } from "../../wire/values.ts";
import type { AtlasSession } from "../session/session.ts";
import { useAsked } from "./asked.ts";
import type { InputValues } from "./present-value.ts";

type ReadsProps = { atlas: AtlasSession; reading: ReadonlySignal<InputValues | null> };

export function Reads(props: ReadsProps) {
  const study = useContext(StudyContext)?.context;
  return study && props.atlas.live?.kind.hasTokens ? <Asked {...props} study={study} /> : null;
}

function Asked({ atlas, reading, study }: ReadsProps & { study: Study<"context"> }) {
  const empty = atlas.live!.input.value === "";
  const { answer, fresh } = useAsked(atlas, study, "context", !empty, ({ asked }) => asked);
  const mark = fresh && (reading.value?.here ?? reading.value?.peak);
  return (
    <div class="nw-reads" data-nw="reads" data-unit={answer?.unit} data-fresh={fresh || empty}>
      {answer?.by?.map(({ table, name, r2, says }, i) => {
        const told = mark ? numberOf(answer.told[i]![mark.at]!) : Number.NaN;
        const near = mark && Math.abs(told - mark.value) <= numberOf(answer.std) / 2;
        return (
          <span
            key={table}
            class={near ? "nw-read nw-read-near" : "nw-read"}
            data-nw={`read-${table}`}
            title={says}
          >
            {name} <b>{formatValue(numberOf(r2))}</b>
            <span class="nw-read-bar" style={{ width: `${100 * numberOf(r2)}%` }} />
            <span class="nw-soft">{mark ? `here ${formatValue(told)}${near ? " ✓" : ""}` : "…"}</span>
          </span>
        );
      })}
      <Progress study={study} />
      <p class="nw-sub" role="status" data-nw="reads-said" title={answer?.verdict}>
        {empty ? "Type a text to see what the unit reads." : study.problem.value || answer?.said}
      </p>
    </div>
  );
}
