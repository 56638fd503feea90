/** Continuation of the text by the model as it is and as it is edited, side by side, token by token. */
import { useState } from "preact/hooks";
import { glyphs, percent, plural, visible } from "../../../paint/words.ts";
import { isLive, type Session } from "../../../session/session.ts";
import { NumberBox } from "../../../ui/number-box.tsx";
import { moveFocus } from "../../../ui/roving-focus.ts";
import { same } from "../../../wire/inputs.ts";
import { LIMITS } from "../../../wire/shared.ts";
import { numberOf } from "../../../wire/values.ts";
import { type Study, useStudy } from "../../studies/study.ts";
import type { ContinuedToken, Continuing } from "../../studies/wire.ts";
import { subjectOf } from "./subject.ts";

const SIDES = ["as it is", "edited"] as const;

export function Continuation({ session }: { session: Session }) {
  const study = useStudy("continue");
  return study && <Asked session={session} study={study} />;
}

function Asked({ session, study }: { session: Session; study: Study<"continue"> }) {
  const [setting, set] = useState<Continuing>({ tokens: 40, temperature: 0, seed: 0 });
  const [at, point] = useState<number | null>(null);
  const subject = subjectOf(session);
  const seq = session.frame.value?.seq ?? -1;
  const answer = study.result.value;
  const busy = study.share.value !== null;
  const tokens = answer?.tokens ?? [];
  const parts = tokens.findIndex(([plain, edited]) => plain!.id !== edited!.id);
  const shown = at ?? parts;
  const box = (name: keyof Continuing, keep: (value: number) => number) => (
    // biome-ignore lint/a11y/noLabelWithoutControl: the box is the control.
    <label class="nw-sub">
      {name}{" "}
      <NumberBox
        hook={name}
        label={`${name} of the continuation`}
        value={setting[name]}
        disabled={busy}
        set={(to) => set({ ...setting, [name]: keep(to) })}
      />
    </label>
  );
  return (
    <section
      class="nw-continued"
      data-nw="continued"
      aria-label="The text continued, with the edits and without"
    >
      <div class="nw-presets">
        <h4 class="nw-title">Continue the text</h4>
        {box("tokens", (to) => Math.min(LIMITS.generated, Math.max(1, Math.round(to))))}
        {box("temperature", (to) => Math.max(0, to))}
        {box("seed", (to) => Math.max(0, Math.round(to)))}
        <button
          type="button"
          data-nw="continue"
          disabled={!isLive(session) || seq < 0}
          onClick={() => {
            if (busy) return study.stop();
            point(null);
            study.ask(seq, setting, subject);
          }}
        >
          {busy ? "stop" : "continue"}
        </button>
        {busy && <span class="nw-sub">{plural(tokens.length, "token")} so far</span>}
      </div>
      {tokens.length > 0 && (
        <div class={same(answer?.about, subject) ? "nw-continuations" : "nw-continuations nw-old"}>
          {SIDES.map((name, side) => (
            <div key={name}>
              <p class="nw-sub">{name}</p>
              <ol class="nw-mono" aria-label={`The text goes on, ${name}`} onKeyDown={moveFocus}>
                {tokens.map((pair, i) => (
                  <Token
                    key={i}
                    token={pair[side]!}
                    state={i === parts ? "parts" : i === at ? "here" : ""}
                    tab={i === Math.max(0, shown) ? 0 : -1}
                    point={() => point(i)}
                  />
                ))}
              </ol>
            </div>
          ))}
          <p class="nw-sub nw-readout">
            {tokens[shown] ? sayPair(shown, tokens[shown]) : "both say the same"}; the stronger the colour,
            the more probable
          </p>
        </div>
      )}
      <p class="nw-verdict" role="status">
        {study.problem.value || answer?.verdict}
        {study.broken.value && "Broken off: the input or the edits changed."}
      </p>
    </section>
  );
}

const sayPair = (number: number, pair: ContinuedToken[]): string =>
  `token ${number + 1}: ${pair.map((token, side) => `${sayToken(token)} ${SIDES[side]}`).join(", ")}`;
const sayToken = ({ text, p }: ContinuedToken): string => `“${glyphs(text)}” ${percent(numberOf(p))}`;

type TokenProps = { token: ContinuedToken; state: string; tab: number; point(): void };

/** The more probable it was, the stronger its colour. */
function Token({ token, state, tab, point }: TokenProps) {
  return (
    <li>
      <button
        type="button"
        tabIndex={tab}
        data-state={state}
        style={{ "--p": numberOf(token.p) }}
        aria-label={`${sayToken(token)}${state === "parts" ? ", the first that differs" : ""}`}
        onFocus={point}
        onMouseEnter={point}
      >
        {visible(token.text)}
      </button>
      {token.text.includes("\n") && <br />}
    </li>
  );
}
