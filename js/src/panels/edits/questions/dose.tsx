/** Dose: effect of the edits on this input, and their damage on others, against their strength. */
import { formatValue } from "../../../paint/scale.ts";
import { isLive, type Session } from "../../../session/session.ts";
import { same } from "../../../wire/inputs.ts";
import { numberOf } from "../../../wire/values.ts";
import { useStudy } from "../../studies/study.ts";
import type { Dosed } from "../../studies/wire.ts";
import { subjectOf } from "./subject.ts";

export function Dose({ session }: { session: Session }) {
  const study = useStudy("dose");
  if (!study) return null;
  const subject = subjectOf(session);
  const seq = session.frame.value?.seq ?? -1;
  const answer = study.result.value;
  const share = study.share.value;
  return (
    <section class="nw-dose" data-nw="dose" aria-label="Dose: effect and damage against strength">
      <div class="nw-presets">
        <h4 class="nw-title">How much is too much?</h4>
        <button
          type="button"
          data-nw="draw-dose"
          disabled={!isLive(session) || seq < 0}
          onClick={() => (share === null ? study.ask(seq, {}, subject) : study.stop())}
        >
          {share === null ? "draw dose" : "stop"}
        </button>
        {share !== null && <progress value={share} aria-label="measured" />}
      </div>
      <div class={answer === null || same(answer.about, subject) ? "" : "nw-old"}>
        {answer ? (
          <Curves answer={answer} />
        ) : (
          <p class="nw-sub">
            effect here and damage on other inputs, from an eighth to eight times as strong
          </p>
        )}
        <p class="nw-verdict" role="status">
          {study.problem.value || answer?.verdict}
          {study.broken.value && "Broken off: the input or the edits changed."}
        </p>
      </div>
    </section>
  );
}

const WIDTH = 240;
const LEFT = 42;
const RIGHT = 8;
const TOP = 14;
const BOTTOM = 96;
/** What is smaller than this share of the largest lies on the axis. */
const LEAST = 1e-5;

/** Both axes are logarithmic: crossing lines then tell where one outgrows the other. */
function Curves({ answer: { strengths, effect, damage, overtaken } }: { answer: Dosed }) {
  const [weak, strong] = [strengths[0]!, strengths.at(-1)!];
  const values = [...effect, ...damage];
  const most = Math.max(...values, 1e-12);
  const least = Math.max(LEAST * most, Math.min(...values));
  const share = (value: number, from: number, to: number) =>
    Math.log(value / from) / Math.log(to / from) || 0;
  const x = (strength: number) => LEFT + share(strength, weak, strong) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) => BOTTOM - share(Math.max(least, value), least, most) * (BOTTOM - TOP);
  const at = numberOf(overtaken);
  const crosses = at > weak && at < strong;
  const words = strengths
    .map(
      (s, i) => `at ${formatValue(s)} × effect ${formatValue(effect[i]!)}, damage ${formatValue(damage[i]!)}`,
    )
    .join("; ");
  return (
    <>
      <p class="nw-sub">
        <span class="nw-effect">● effect here</span>, <span class="nw-damage">○ damage elsewhere</span> (KL)
      </p>
      <svg
        viewBox={`0 0 ${WIDTH} 120`}
        role="img"
        aria-label={`Effect and damage against strength: ${words}`}
      >
        <line x1={LEFT} x2={WIDTH - RIGHT} y1={BOTTOM} y2={BOTTOM} />
        <line x1={LEFT} x2={LEFT} y1={TOP} y2={BOTTOM} />
        <Mark x={x(1)} words="as set" side={crosses && (at > 1 ? "end" : "start")} />
        {crosses && <Mark x={x(at)} words={`${formatValue(at)} ×`} side={at > 1 ? "start" : "end"} />}
        {[effect, damage].map((ys, i) => (
          <g key={i} class={i === 0 ? "nw-effect" : "nw-damage"}>
            <path d={`M${ys.map((value, j) => `${x(strengths[j]!)} ${y(value)}`).join("L")}`} />
            {ys.map((value, j) => (
              <circle key={j} cx={x(strengths[j]!)} cy={y(value)} r={2.5} />
            ))}
          </g>
        ))}
        {[most, least].map((value) => (
          <text key={value} x={LEFT - 4} y={y(value) + 3} text-anchor="end">
            {formatValue(value)}
          </text>
        ))}
        {strengths.map((strength) => (
          <text key={strength} x={x(strength)} y={BOTTOM + 11} text-anchor="middle">
            {formatValue(strength)}
          </text>
        ))}
        <text x={(LEFT + WIDTH) / 2} y={BOTTOM + 22} text-anchor="middle">
          times as strong
        </text>
      </svg>
    </>
  );
}

function Mark({ x, words, side }: { x: number; words: string; side: "start" | "end" | false }) {
  return (
    <>
      <line class="nw-mark-at" x1={x} x2={x} y1={TOP} y2={BOTTOM} />
      <text x={x} y={TOP - 4} text-anchor={side || "middle"}>
        {words}
      </text>
    </>
  );
}
