/** Words for what the values of before are of. */
import type { Session } from "../../session/session.ts";

export const whereBefore = ({ frame, kind }: Session): string =>
  frame.value?.head.beside ? `in the other ${kind.words.input}` : "in the model before its edits";
