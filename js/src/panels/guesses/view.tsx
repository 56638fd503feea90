/**
 * Panel of guesses: what the model expects at or after a token, or says of the whole text, and what really stands
 * there.
 */
import { useRef } from "preact/hooks";
import { glyphs, percent, shorten, signedPercent, tokenGlyphs } from "../../paint/words.ts";
import type { Session } from "../../session/session.ts";
import { Bar } from "../../ui/bar.tsx";
import { whereBefore } from "../../ui/edited/before.ts";
import { useNeed } from "../../ui/need.ts";
import { type Frame, shownPass } from "../../wire/frame.ts";
import type { About } from "../../wire/traits.ts";
import { OrProblem } from "../panel-problem.tsx";
import type { GuessesPart as Answer, Guess } from "./wire.ts";
import "./guesses.css";

const COUNT = 8;

export function Guesses({ session }: { session: Session }) {
  const offered = session.catalog.value.guesses;
  useNeed(session, "guesses", offered ? { most: COUNT } : null);
  const frame = session.frame.value;
  const guesses = frame?.parts.guesses ?? null;
  const about = guesses?.about ?? (session.catalog.value.predicts || "next");
  const words = WORDS[about];
  const output = session.catalog.value.output ?? "";
  const was = useBefore(frame);
  const picked = session.selection.value.token !== null;
  const ofToken = about === "next" || about === "here";

  return (
    <section
      class={offered ? "nw-panel nw-guesses nw-keeps" : "nw-panel nw-guesses"}
      data-nw="guesses"
      data-about={about}
      aria-label={words.title}
    >
      <div class="nw-panel-head">
        <h3 class="nw-title">
          {words.title}
          {output !== "" && ` (${output})`}
        </h3>
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
        {ofToken && <At frame={frame} picked={picked} />}
      </p>
      <WasKey session={session} guesses={guesses} was={was} />
      {!offered && <p class="nw-empty">This model makes no prediction.</p>}
      {offered && guesses === null && (
        <OrProblem session={session} of="guesses">
          <p class="nw-empty">Type something to see what the model expects.</p>
        </OrProblem>
      )}
      {guesses !== null && <Bars guesses={guesses} was={was} changes={shownPass(frame!) === "difference"} />}
      {guesses !== null && !guesses.classes && <Actual actual={guesses.actual} words={words} />}
    </section>
  );
}

/** What the marks beside the bars are. */
function WasKey({
  session,
  guesses,
  was,
}: {
  session: Session;
  guesses: Answer | null;
  was: Map<string, number> | null;
}) {
  const edited = guesses?.list[0]?.was !== undefined;
  if (was === null && !edited) return null;
  return (
    <p class="nw-sub">
      <span class="nw-was nw-key" /> {edited ? whereBefore(session) : "before your edits"}
    </p>
  );
}

/** Which token it is about. */
function At({ frame, picked }: { frame: Frame | null; picked: boolean }) {
  const token = frame?.head.token ?? null;
  if (frame === null || token === null) return <> the token at the cursor</>;
  return (
    <>
      {" "}
      token {token} <span class="nw-mono nw-token">{tokenGlyphs(frame, token)}</span>
      {picked ? "" : " (at the cursor)"}
    </>
  );
}

type BarsProps = {
  guesses: Answer;
  /** What each had before the text was changed. */
  was: Map<string, number> | null;
  /** Is it by how much edits changed them that is read? */
  changes: boolean;
};

function Bars({ guesses, was, changes }: BarsProps) {
  const { list, actual, classes } = guesses;
  return (
    <ol class={classes ? "nw-bars nw-of-classes" : "nw-bars"}>
      {list.map((guess, rank) => (
        <Row
          key={rank}
          guess={guess}
          rank={rank + 1}
          really={!changes && actual?.rank === rank + 1}
          plain={classes}
          was={guess.was ?? was?.get(guess.text)}
          changes={changes}
        />
      ))}
      {actual !== null && actual.rank > list.length && (
        <Row guess={actual} rank={actual.rank} really beyond was={actual.was} changes={changes} />
      )}
    </ol>
  );
}

/** How the model rated what really stands there. */
function Actual({ actual, words }: { actual: Answer["actual"]; words: Words }) {
  return (
    <p class="nw-sub nw-actual">
      {actual === null ? (
        words.end
      ) : (
        <>
          {words.really} <span class="nw-mono nw-token">{shown(actual.text)}</span> had {percent(actual.p)},
          rank {actual.rank}.
        </>
      )}
    </p>
  );
}

type Words = { title: string; where: string; really: string; end: string };

/** How the panel speaks, by what the model's output is an opinion on. */
const WORDS: Record<About, Words> = {
  next: {
    title: "What does the model expect here?",
    where: "after",
    really: "Really next:",
    end: "Nothing follows yet: this is the end.",
  },
  here: {
    title: "What does the model expect here?",
    where: "at",
    really: "Really here:",
    end: "",
  },
  first: {
    title: "How does the answer begin?",
    where: "the first token that the decoder would write",
    really: "",
    end: "",
  },
  whole: {
    title: "What does the model say?",
    where: "of the whole text",
    really: "",
    end: "",
  },
};

/** The classes of the whole text as the view first showed it; null where there are none. */
function useBefore(frame: Frame | null): Map<string, number> | null {
  const before = useRef<Map<string, number> | null>(null);
  const guesses = frame?.parts.guesses;
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
  changes?: boolean;
};

function Row({ guess, rank, really, beyond, plain = false, was, changes = false }: RowProps) {
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
        {changes && was !== undefined ? signedPercent(guess.p - was) : percent(guess.p)}
        {really && <span class="nw-said"> is what really follows</span>}
        {was !== undefined && <span class="nw-said">, before {percent(was)}</span>}
      </span>
    </li>
  );
}

function shown(text: string): string {
  return text === "" ? "∅" : shorten(glyphs(text), 10);
}
