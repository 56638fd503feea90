/** Subject of a long answer: is what is shown still of the present edits and input? */
import { useRef } from "preact/hooks";
import type { Session } from "../../../session/session.ts";
import { same } from "../../../wire/inputs.ts";

export function useSubject(session: Session): { fresh: boolean; take(): void } {
  const asked = useRef<unknown>(null);
  const now = [session.edits.value, session.input.value];
  return {
    fresh: same(asked.current, now),
    take: () => {
      asked.current = now;
    },
  };
}
