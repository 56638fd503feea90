/** Holds the present input, so that others are compared with it, and lets it go. */
import { isLive, type Session } from "../../session/session.ts";

export function HoldButton({ session }: { session: Session }) {
  const held = session.beside.value !== null;
  const { input } = session.kind.words;
  return (
    <button
      type="button"
      data-nw="hold-input"
      aria-pressed={held}
      title={
        held
          ? `Compare with it no more`
          : `Keep this ${input} as it is now, then change it: everything below can show what the other one does, and the difference`
      }
      disabled={!isLive(session)}
      onClick={() => session.setBeside(held ? null : session.input.peek())}
    >
      {held ? `let the other ${input} go` : `compare with another ${input}`}
    </button>
  );
}
