/** View of a running scan: how far it is, two buttons, and exemplars that fill in. */

import { colourOf, formatValue, inkOn } from "../paint/scale.ts";
import { dark } from "../paint/theme.ts";
import { duration, visible } from "../paint/words.ts";
import type { Done, Exemplar, Phase, ScanSession, UnitExemplars } from "./session.ts";
import "./progress.css";

const WORDS: Record<Phase, string> = {
  waiting: "Getting ready",
  running: "Scanning",
  held: "Paused: what is done is saved",
  stopped: "Stopped: what is done is kept; the same call goes on from there",
  done: "Done",
  failed: "Ended by an error: what was saved is kept",
};

const GONE = "The kernel is gone: what was saved is kept; the same call goes on from there";

const isOver = (phase: Phase) => phase === "done" || phase === "stopped" || phase === "failed";

export function ScanProgress({ session }: { session: ScanSession }) {
  const phase = session.phase.value;
  const done = session.done.value;
  const gone = session.gone.value && !isOver(phase);
  const over = gone || isOver(phase);
  const words = gone ? GONE : WORDS[phase];
  return (
    <>
      <div class="nw-scan-line">
        <span class="nw-scan-phase" data-nw="phase">
          {(!gone && waitingFor(session)) || words}
        </span>
        {!over && <Buttons session={session} />}
      </div>
      <Bar done={done} phase={phase} />
      <div class="nw-scan-line nw-soft" data-nw="numbers">
        {numbers(done, phase, over)}
      </div>
      {session.words.value && (
        <div class="nw-scan-words" data-nw="error">
          {session.words.value}
        </div>
      )}
      {!over && !session.heard.value && phase !== "waiting" && (
        <div class="nw-soft" data-nw="hint">
          This page's buttons wait for the cell to end. Interrupt the kernel to stop: what is done is kept.
        </div>
      )}
      {!over && <Choice session={session} />}
      {session.shown.value.map((shown) => (
        <Exemplars key={shown.unit} shown={shown} />
      ))}
      <span class="nw-said" role="status">
        {over ? words : ""}
      </span>
    </>
  );
}

/** What a button was pressed for and has not happened yet. */
function waitingFor({ phase, wish }: ScanSession): string | null {
  if (phase.value !== "running" && phase.value !== "held") return null;
  if (wish.value === "stop") return "Stopping after this batch…";
  return wish.value === "hold" && phase.value === "running" ? "Pausing after these documents…" : null;
}

function Buttons({ session }: { session: ScanSession }) {
  const held = session.phase.value === "held" || session.wish.value === "hold";
  const off = session.phase.value === "waiting" || !session.heard.value || session.wish.value === "stop";
  return (
    <span class="nw-scan-buttons">
      <button
        type="button"
        data-nw="pause"
        aria-pressed={held}
        disabled={off}
        onClick={() => session.ask(held ? "go" : "hold")}
      >
        {held ? "Go on" : "Pause"}
      </button>
      <button
        type="button"
        data-nw="stop"
        disabled={off}
        title="Ends the cell; what is done is kept"
        onClick={() => session.ask("stop")}
      >
        Cancel
      </button>
    </span>
  );
}

function Bar({ done, phase }: { done: Done; phase: Phase }) {
  const share = phase === "done" ? 1 : done.total ? Math.min(1, done.documents / done.total) : undefined;
  return (
    <progress
      class="nw-scan-bar"
      aria-label="documents scanned"
      max={1}
      value={share ?? (done.tokens ? undefined : 0)}
    />
  );
}

function numbers(
  { documents, total, tokens, rate, seconds, left }: Done,
  phase: Phase,
  over: boolean,
): string {
  if (documents === 0 && !over) return "Reading the first documents…";
  const all = phase === "done" && documents === total;
  const amount = all
    ? `all ${whole(documents)}`
    : total === null
      ? whole(documents)
      : `${whole(documents)} of ${whole(total)}`;
  const parts = [`${amount} documents`, `${whole(tokens)} tokens`];
  if (rate !== null) parts.push(`${whole(rate)} tokens/s`);
  parts.push(over ? `in ${duration(seconds)}` : left === null ? duration(seconds) : `${duration(left)} left`);
  return parts.join(" · ");
}

function Choice({ session }: { session: ScanSession }) {
  const units = session.shown.value.map((shown) => shown.unit).join(", ");
  return (
    <label class="nw-scan-line nw-soft">
      exemplars of
      <input
        class="nw-mono nw-scan-units"
        data-nw="scan-units"
        key={units}
        defaultValue={units}
        placeholder="mlp.0:3, mlp.1:17"
        disabled={!session.heard.value}
        onChange={(event) => session.choose(event.currentTarget.value)}
      />
    </label>
  );
}

function Exemplars({ shown: { unit, found: exemplars } }: { shown: UnitExemplars }) {
  const sizes = exemplars.flatMap(({ values }) => values.map(Math.abs)).filter(Number.isFinite);
  const most = Math.max(0, ...sizes);
  return (
    <section class="nw-scan-unit" data-unit={unit} aria-label={`strongest so far of ${unit}`}>
      <h4 class="nw-mono">{unit}</h4>
      {exemplars.length === 0 && <div class="nw-soft">nothing yet</div>}
      {exemplars.map((one) => (
        <Line key={`${one.id}:${one.value}`} one={one} most={most} />
      ))}
    </section>
  );
}

function Line({ one: { value, pieces, values, id }, most }: { one: Exemplar; most: number }) {
  const signed = values.some((v) => v < 0);
  const scale = { lo: signed ? -most : 0, hi: most, mode: "linear", knee: 1, signed, pinned: false } as const;
  const shaded = values.length === pieces.length;
  return (
    <div class="nw-scan-found" title={id}>
      <span class="nw-scan-value">{formatValue(value)}</span>
      <span class="nw-mono nw-scan-text">
        {pieces.map((piece, i) => {
          const v = shaded ? values[i]! : Number.NaN;
          const style = shaded
            ? { background: colourOf(v, scale, dark.value), color: inkOn(v, scale, dark.value) }
            : undefined;
          return (
            <span key={i} style={style}>
              {visible(piece)}
            </span>
          );
        })}
      </span>
    </div>
  );
}

const whole = (n: number) => Math.round(n).toLocaleString("en");
