/** Switch that asks what drives the unit or the output, the colours of the effects, and the check in words. */
import { useEffect } from "preact/hooks";
import { dark } from "../../paint/theme.ts";
import { isLive } from "../../session/session.ts";
import { Ramp } from "../../ui/legend.tsx";
import { numberOf } from "../../wire/values.ts";
import { type Driven, effectScale } from "./driven.ts";
import { Progress } from "./progress.tsx";
import type { Attribution, Target } from "./wire.ts";
import "./studies.css";

/** The page asks once nothing was asked for so long. */
const REST_MS = 700;
const CHOICES: [Target, words: string][] = [
  ["unit", "what drives this unit?"],
  ["output", "what drives the output?"],
];

export function Drives({ driven }: { driven: Driven | null }) {
  return driven && isLive(driven.session) ? <Shown driven={driven} /> : null;
}

function Shown({ driven }: { driven: Driven }) {
  const { session, study, target } = driven;
  const chosen = target.value;
  const seq = session.frame.value?.seq ?? -1;
  useEffect(() => {
    if (!chosen || seq < 0 || study.isAskedOf(driven.about())) return;
    const timer = setTimeout(() => study.ask(seq, { target: chosen }, driven.about()), REST_MS);
    return () => clearTimeout(timer);
  }, [driven, chosen, seq]);
  const choose = (one: Target) => {
    study.stop();
    target.value = one === chosen ? null : one;
  };
  return (
    <div class="nw-drives" data-nw="drives">
      {CHOICES.map(([one, words]) => (
        <button
          key={one}
          type="button"
          data-nw={`drives-${one}`}
          aria-pressed={one === chosen}
          disabled={one === "unit" && session.unit.value === null}
          onClick={() => choose(one)}
        >
          {words}
        </button>
      ))}
      {chosen && <Answer driven={driven} />}
    </div>
  );
}

function Answer({ driven }: { driven: Driven }) {
  const { session, study } = driven;
  const result = driven.result.value;
  return (
    <>
      <Progress study={study} />
      {result && (
        <div class="nw-legend" data-nw="legend" data-of="effect">
          <span class="nw-legend-what">
            <span class="nw-mono nw-strong">{result.target}</span>: what it loses without each of the{" "}
            {result.parts}
          </span>
          <Ramp
            scale={effectScale(Float32Array.from(result.effects, numberOf))}
            ground={session.kind.darkGround ?? dark.value}
          />
        </div>
      )}
      <p class="nw-sub" role="status" data-nw="drives-said">
        {study.problem.value || (result ? say(result) : "asked as soon as you rest")}
      </p>
    </>
  );
}

const say = ({ method, verdict }: Attribution): string =>
  method === "gradient"
    ? "A preview by the gradient, in one pass: it may be wrong, and is not checked."
    : verdict;
