/** Status line: is the picture live, and if not, why. It keeps its height; an error gets a panel below it. */
import { isLive, type Session, type State } from "../session/session.ts";
import type { Head } from "../wire/protocol.ts";
import "./status.css";

const WORDS: Record<State, string> = {
  connecting: "connecting",
  live: "live",
  busy: "busy",
  stale: "stale",
  "no-kernel": "not live",
  closed: "closed",
};

export function Status({ session }: { session: Session }) {
  const state = session.state.value;
  const frame = session.frame.value;
  const reason = session.reason.value;
  const showsTimes = frame !== null && (state === "live" || state === "busy" || state === "stale");
  return (
    <div class="nw-status">
      <div class="nw-status-line" data-nw="status">
        <span class="nw-status-pill" data-state={state}>
          <span class="nw-status-dot" aria-hidden="true" />
          {WORDS[state]}
        </span>
        {showsTimes && <Times head={frame.head} reused={session.kind.words.reused} />}
        {frame !== null && <Odd odd={frame.head.odd} />}
        <span class="nw-status-reason" title={reason}>
          {reason || null}
        </span>
      </div>
      {/* The words of a state are said once, when it changes; milliseconds are not worth hearing. */}
      <span class="nw-said" role="status">
        {state === "live" ? null : `${WORDS[state]}. ${reason}`}
      </span>
      <ErrorPanel session={session} />
    </div>
  );
}

/** For views without a frame: why they are not live; nothing while they are. */
export function NotLive({ of }: { of: Pick<Session, "state" | "reason"> }) {
  if (isLive(of)) return null;
  return (
    <span class="nw-soft" role="status" data-nw="status">
      not live: {of.reason.value}
    </span>
  );
}

function Times({ head: { ms, reused }, reused: say }: { head: Head; reused: (count: number) => string }) {
  const title =
    `${ms.model.toFixed(1)} ms in the model, ${ms.total.toFixed(1)} ms in the kernel` +
    (reused > 0 ? `; ${say(reused)}` : "");
  return (
    <span class="nw-status-times" title={title}>
      <span>model {milliseconds(ms.model)}</span> <span>· kernel {milliseconds(ms.total)}</span>
    </span>
  );
}

function milliseconds(ms: number): string {
  if (ms >= 10_000) return `${(ms / 1000).toFixed(0)} s`;
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return ms >= 10 ? `${ms.toFixed(0)} ms` : `${ms.toFixed(1)} ms`;
}

function Odd({ odd }: { odd: { nan: number; inf: number } }) {
  if (odd.nan === 0 && odd.inf === 0) return null;
  const parts = [];
  if (odd.nan > 0) parts.push(`${odd.nan} NaN`);
  if (odd.inf > 0) parts.push(`${odd.inf} infinite`);
  return (
    <span class="nw-status-odd" data-nw="odd" title="Values that are not finite, in all that was recorded">
      {parts.join(", ")}
    </span>
  );
}

function ErrorPanel({ session }: { session: Session }) {
  const error = session.error.value;
  if (!error) return null;
  return (
    <div class="nw-error" data-nw="error" role="alert">
      <strong>{error.message}</strong>
      {error.hint !== "" && <p>{error.hint}</p>}
      {session.frame.value !== null && <p class="nw-soft">The picture below is the last one that worked.</p>}
    </div>
  );
}
