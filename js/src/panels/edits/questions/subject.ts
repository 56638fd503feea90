/** Subject of questions about edits: these edits, and the input that they act on. */
import type { Session } from "../../../session/session.ts";

/** Equal for equal edits and inputs: an answer of others is an old one. */
export const subjectOf = (session: Session): unknown => [session.edits.value, session.input.value];
