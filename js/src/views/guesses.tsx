/** What the model expects after a token, and what really follows. */
import { useEffect } from "preact/hooks";
import { glyphs, percent, shorten, tokenGlyphs } from "../paint/words.ts";
import type { Guess } from "../protocol.ts";
import type { Session } from "../session.ts";

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
  const picked = session.selection.value.token !== null;

  return (
    <section
      class={offered ? "nw-panel nw-guesses nw-keeps" : "nw-panel nw-guesses"}
      data-nw="guesses"
      aria-label="What the model expects next"
    >
      <div class="nw-panel-head">
        <h3 class="nw-title">Expected next</h3>
        {picked && (
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
        {frame !== null && token !== null ? (
          <>
            after token {token} <span class="nw-mono nw-token">{tokenGlyphs(frame, token)}</span>
            {picked ? "" : " (at the cursor)"}
          </>
        ) : (
          "after the token at the cursor"
        )}
      </p>
      {!offered && <p class="nw-empty">This model does not say what it expects next.</p>}
      {offered && guesses === null && <p class="nw-empty">Type something to see what the model expects.</p>}
      {guesses !== null && (
        <ol class="nw-bars">
          {guesses.list.map((guess, rank) => (
            <Row key={rank} guess={guess} rank={rank + 1} really={guesses.actual?.rank === rank + 1} />
          ))}
          {guesses.actual !== null && guesses.actual.rank > guesses.list.length && (
            <Row guess={guesses.actual} rank={guesses.actual.rank} really beyond />
          )}
        </ol>
      )}
      {guesses !== null && (
        <p class="nw-sub nw-actual">
          {guesses.actual === null ? (
            "Nothing follows yet: this is the end."
          ) : (
            <>
              Really next: <span class="nw-mono nw-token">{shown(guesses.actual.text)}</span> had{" "}
              {percent(guesses.actual.p)}, rank {guesses.actual.rank}.
            </>
          )}
        </p>
      )}
    </section>
  );
}

type RowProps = { guess: Guess; rank: number; really: boolean; beyond?: boolean };

function Row({ guess, rank, really, beyond }: RowProps) {
  return (
    <li class={`nw-bar-row${really ? " nw-really" : ""}${beyond ? " nw-beyond" : ""}`} value={rank}>
      <span class="nw-rank">{rank}</span>
      <span class="nw-mono nw-token nw-bar-name" title={JSON.stringify(guess.text)}>
        {shown(guess.text)}
      </span>
      <span class="nw-bar" aria-hidden="true">
        <span class="nw-bar-fill" style={{ transform: `scaleX(${Math.max(0.005, guess.p)})` }} />
      </span>
      <span class="nw-number">
        {percent(guess.p)}
        {really && <span class="nw-said"> is what really follows</span>}
      </span>
    </li>
  );
}

function shown(text: string): string {
  return text === "" ? "∅" : shorten(glyphs(text), 10);
}
