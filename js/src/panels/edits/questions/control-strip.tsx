/** Control strip: the effect of these edits among those of the same edit on random units, and what that says. */
import { useEffect } from "preact/hooks";
import { formatValue } from "../../../paint/scale.ts";
import { plural } from "../../../paint/words.ts";
import type { Session } from "../../../session/session.ts";
import { same } from "../../../wire/inputs.ts";
import { useStudy } from "../../studies/study.ts";
import type { Control } from "../../studies/wire.ts";
import { subjectOf } from "./subject.ts";

/** The page asks once nothing was asked for so long. */
const REST_MS = 700;
const WIDTH = 240;
const HEIGHT = 30;
const SIDE = 8;

export function ControlStrip({ session }: { session: Session }) {
  const study = useStudy("control");
  const seq = session.frame.value?.seq ?? -1;
  const subject = subjectOf(session);
  useEffect(() => {
    if (!study || seq < 0 || study.isAskedOf(subject)) return;
    const timer = setTimeout(() => study.ask(seq, {}, subject), REST_MS);
    return () => clearTimeout(timer);
  }, [study, seq]);
  if (!study) return null;
  const answer = study.result.value;
  return (
    <section class="nw-control" data-nw="control" aria-label="Control: the same edit on random units">
      <h4 class="nw-title">Is it this unit?</h4>
      {study.problem.value !== "" ? (
        <p class="nw-sub">{study.problem.value}</p>
      ) : answer === null ? (
        <p class="nw-sub">the same edit on 20 random units: computed as soon as you rest</p>
      ) : (
        <div class={same(answer.about, subject) ? "" : "nw-old"}>
          <p class="nw-sub">
            <span class="nw-control-key" /> this edit, <span class="nw-control-key nw-random" /> the same on{" "}
            {plural(answer.random.length, "random unit")}: how much they change the output
          </p>
          <Strip answer={answer} />
          <p class="nw-verdict" data-nw="verdict">
            {answer.verdict}
          </p>
        </div>
      )}
    </section>
  );
}

/** Effects on one axis from zero on; marks that would lie upon each other stand in a row above. */
function Strip({ answer: { effect, random } }: { answer: Control }) {
  const most = Math.max(effect, ...random, 1e-12);
  const x = (value: number) => SIDE + (value / most) * (WIDTH - 2 * SIDE);
  const words =
    `This edit: ${formatValue(effect)}. Random units: ` +
    `${formatValue(Math.min(...random))} to ${formatValue(Math.max(...random))}.`;
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} class="nw-control-strip" role="img" aria-label={words}>
      <title>{words}</title>
      <line class="nw-zero" x1={SIDE} x2={WIDTH - SIDE} y1={HEIGHT - 12} y2={HEIGHT - 12} />
      {random.map((value, i) => (
        <circle key={i} class="nw-random" cx={x(value)} cy={HEIGHT - 12 - (i % 3) * 2} r={3} />
      ))}
      <path class="nw-this" d={`M${x(effect)} ${HEIGHT - 24}l6 9-6 9-6-9z`} />
      <text x={SIDE} y={HEIGHT - 1}>
        0
      </text>
      <text x={WIDTH - SIDE} y={HEIGHT - 1} text-anchor="end">
        {formatValue(most)}
      </text>
    </svg>
  );
}
