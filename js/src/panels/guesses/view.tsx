/** What the model expects after a token, at it or of the whole text, and what really stands there. */
import { useEffect, useRef } from "preact/hooks";
import { glyphs, percent, shorten, tokenGlyphs } from "../../paint/words.ts";
import type { Session } from "../../session/session.ts";
import { Bar } from "../../ui/bar.tsx";
import type { Frame } from "../../wire/frame.ts";
import type { About, Guess } from "../../wire/protocol.ts";

const COUNT = 8;

export function Guesses({ session }: { session: Session }) {
  const offered = session.catalog.value.guesses;
  useEffect(() => {
    session.need("guesses", offered ? COUNT : 0);
    return () => session.need("guesses", 0);
  }, [session, offered]);
  const frame = session.frame.value;
  const guesses = frame?.header.guesses ?? null;
  const token = frame?.header.token ?? null;
  const about = guesses?.about ?? (session.catalog.value.predicts || "next");
  const words = WORDS[about];
  const was = useBefore(frame);
  const picked = session.selection.value.token !== null;
  const ofToken = about === "next" || about === "here";

  return (
    <section
      class={offered ? "nw-panel nw-guesses nw-keeps" : "nw-panel nw-guesses"}
      data-nw="guesses"
      data-about={about}
      aria-label={words.label}
    >
      <div class="nw-panel-head">
        <h3 class="nw-title">{about === "here" && guesses?.classes ? "Class here" : words.title}</h3>
        {picked && ofToken && (
          <button
            type="button"
            class="nw-link"
            title="Let the chosen token go"
            onClick={() => session.setToken(null)}
          >
            follow the cursor
          </button>
        )}
      </div>
      <p class="nw-sub">
        {words.where}
        {ofToken &&
          (frame !== null && token !== null ? (
            <>
              {" "}
              token {token} <span class="nw-mono nw-token">{tokenGlyphs(frame, token)}</span>
              {picked ? "" : " (at the cursor)"}
            </>
          ) : (
            " the token at the cursor"
          ))}
      </p>
      {was !== null && (
        <p class="nw-sub">
          <span class="nw-was nw-key" /> before your edits
        </p>
      )}
      {!offered && <p class="nw-empty">This model does not say what it expects.</p>}
      {offered && guesses === null && <p class="nw-empty">Type something to see what the model expects.</p>}
      {guesses !== null && (
        <ol class={guesses.classes ? "nw-bars nw-of-classes" : "nw-bars"}>
          {guesses.list.map((guess, rank) => (
            <Row
              key={rank}
              guess={guess}
              rank={rank + 1}
              really={guesses.actual?.rank === rank + 1}
              plain={guesses.classes}
              was={was?.get(guess.text)}
            />
          ))}
          {guesses.actual !== null && guesses.actual.rank > guesses.list.length && (
            <Row guess={guesses.actual} rank={guesses.actual.rank} really beyond />
          )}
        </ol>
      )}
      {guesses !== null && !guesses.classes && (
        <p class="nw-sub nw-actual">
          {guesses.actual === null ? (
            words.end
          ) : (
            <>
              {words.really} <span class="nw-mono nw-token">{shown(guesses.actual.text)}</span> had{" "}
              {percent(guesses.actual.p)}, rank {guesses.actual.rank}.
            </>
          )}
        </p>
      )}
    </section>
  );
}

/** How the panel speaks, by what the model's output is an opinion on. */
const WORDS: Record<About, { title: string; label: string; where: string; really: string; end: string }> = {
  next: {
    title: "Expected next",
    label: "What the model expects next",
    where: "after",
    really: "Really next:",
    end: "Nothing follows yet: this is the end.",
  },
  here: {
    title: "Expected here",
    label: "What the model expects here",
    where: "at",
    really: "Really here:",
    end: "",
  },
  first: {
    title: "The answer begins with",
    label: "What the model’s answer begins with",
    where: "the first token that the decoder would write",
    really: "",
    end: "",
  },
  whole: {
    title: "The model says",
    label: "What the model says of the text",
    where: "of the whole text",
    really: "",
    end: "",
  },
};

/** The classes of the whole text as the view first showed it; null where there are none. */
function useBefore(frame: Frame | null): Map<string, number> | null {
  const before = useRef<Map<string, number> | null>(null);
  const guesses = frame?.header.guesses;
  if (!guesses?.classes || guesses.about !== "whole") return null;
  before.current ??= new Map(guesses.list.map(({ text, p }) => [text, p]));
  return before.current;
}

type RowProps = {
  guess: Guess;
  rank: number;
  really: boolean;
  beyond?: boolean;
  /** A name, not a token. */
  plain?: boolean | undefined;
  /** What it was before the text was edited. */
  was?: number | undefined;
};

function Row({ guess, rank, really, beyond, plain = false, was }: RowProps) {
  return (
    <li class={`nw-bar-row${really ? " nw-really" : ""}${beyond ? " nw-beyond" : ""}`} value={rank}>
      <span class="nw-rank">{rank}</span>
      <span
        class={plain ? "nw-bar-name" : "nw-mono nw-token nw-bar-name"}
        title={plain ? guess.text : JSON.stringify(guess.text)}
      >
        {plain ? guess.text : shown(guess.text)}
      </span>
      <Bar share={guess.p} was={was} />
      <span class="nw-number">
        {percent(guess.p)}
        {really && <span class="nw-said"> is what really follows</span>}
        {was !== undefined && <span class="nw-said">, before {percent(was)}</span>}
      </span>
    </li>
  );
}

function shown(text: string): string {
  return text === "" ? "∅" : shorten(glyphs(text), 10);
}
