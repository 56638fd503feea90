/** A blind test of a label: examples or the label, round after round by pointer or keys, and the score. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { AtlasSession } from "../../atlas/session/session.ts";
import { isLive } from "../../session/session.ts";
import { FullScreen } from "../../ui/screen/full-screen.tsx";
import { NotLive } from "../../ui/status.tsx";
import { type BlindInfo, NO_BLIND_TEST } from "../../wire/results/blind.ts";
import { Explain } from "./explain.tsx";
import { Round } from "./round.tsx";
import { Score } from "./score.tsx";
import { QUESTIONS, sayOutcome } from "./words.ts";
import "./blind.css";

export function BlindTest({ of }: { of: AtlasSession }) {
  const info: BlindInfo = { ...NO_BLIND_TEST, ...(of.trait("blind_info").value as object | null) };
  const { step, phase, round } = info;
  // What was sent and not taken yet: until then nothing else can be.
  const [sent, setSent] = useState<number | null>(null);
  const refused = useRefusal(of, step);
  const open = isLive(of) && (sent !== step || refused !== "");
  const move = (fields: object) => {
    setSent(step);
    of.tell({ move: { step, ...fields } });
  };
  const { section, heading, noteFocus, loseFocus } = useFocusOnSteps(step);
  const title = (
    <h3 class="nw-blind-title" ref={heading} tabIndex={-1}>
      {titleOf(info)}
    </h3>
  );
  const isRound = (phase === "round" || phase === "feedback") && round !== null;
  return (
    <div class="nw-blind" ref={section} onFocusIn={noteFocus} onFocusOut={loseFocus}>
      <header class="nw-head">
        <span class="nw-model nw-mono">{info.unit}</span>
        <span class="nw-blind-said">{info.label !== "" && `“${info.label}”`}</span>
        <span class="nw-soft" data-nw="blind-progress">
          {sayProgress(info)}
        </span>
        <NotLive of={of} />
        <FullScreen />
      </header>
      <section aria-label="Blind test" data-step={step}>
        {!isRound && title}
        {refused !== "" && (
          <div class="nw-error" role="alert">
            <strong>{refused}</strong>
          </div>
        )}
        {phase === "explain" && <Explain info={info} open={open} begin={(label) => move({ label })} />}
        {isRound && (
          // The keyboard begins at the title, so that the keys of the round are heard there too.
          <Round
            info={info}
            round={round}
            open={open}
            answer={(answer) => move({ answer })}
            next={() => move({})}
          >
            {title}
          </Round>
        )}
        {phase === "end" && <Score info={info} open={open} show={() => move({})} />}
      </section>
      <span class="nw-said" role="status">
        {phase === "feedback" && round ? sayOutcome(round) : ""}
        {phase === "end" ? info.verdict : ""}
      </span>
    </div>
  );
}

function titleOf({ phase, round, asks, rounds }: BlindInfo): string {
  if (phase === "explain") return asks ? "What does this unit fire for?" : "Is this label right?";
  if (phase === "end" || !round) return "The score";
  const question = QUESTIONS[round.kind]?.title ?? "";
  return `Round ${round.number + 1} of ${rounds}: ${question}`;
}

function sayProgress({ phase, answered, rounds, right, judged }: BlindInfo): string {
  if (phase === "explain") return "";
  const score = judged > 0 && phase !== "end" ? `, ${right} of ${judged} right` : "";
  return `${answered} of ${rounds} rounds answered${score}`;
}

/** Why Python did not take what was sent last; "" where it did. */
function useRefusal(of: AtlasSession, step: number): string {
  const taken = useRef({ step, reason: "" });
  const reason = of.state.value === "stale" ? of.reason.value : "";
  if (taken.current.step !== step) taken.current = { step, reason };
  return reason === taken.current.reason ? "" : reason;
}

/** Where the keyboard was in the view, it begins at the title of each step: what held the focus is gone by then. */
function useFocusOnSteps(step: number) {
  const section = useRef<HTMLDivElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const inside = useRef(false);
  const first = useRef(step);
  useLayoutEffect(() => {
    if (first.current !== step && inside.current) heading.current?.focus();
    first.current = step;
  }, [step]);
  return {
    section,
    heading,
    noteFocus: () => {
      inside.current = true;
    },
    loseFocus: ({ relatedTarget }: FocusEvent) => {
      // Of what is taken out of the page nobody knows where the focus goes.
      if (relatedTarget && !section.current?.contains(relatedTarget as Node)) inside.current = false;
    },
  };
}
