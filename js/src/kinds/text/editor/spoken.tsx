/** Tells a screen reader about the selected token, once things have come to rest. */
import { useEffect, useState } from "preact/hooks";
import type { Session } from "../../../session/session.ts";
import { sayReading, tokenReadingOf } from "./reading.tsx";

/** A person who types hears the keys; the value comes in the pause. */
const REST_MS = 700;

export function Spoken({ session }: { session: Session }) {
  const frame = session.frame.value;
  const reading = tokenReadingOf(frame, session.selection.value.token ?? frame?.head.token ?? null);
  const words = reading ? sayReading(reading) : "";
  const [spoken, say] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => say(words), REST_MS);
    return () => clearTimeout(timer);
  }, [words]);
  return (
    <span class="nw-said" aria-live="polite" data-nw="spoken">
      {spoken}
    </span>
  );
}
