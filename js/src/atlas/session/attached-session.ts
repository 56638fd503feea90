/** Session of an atlas beside a live view: the unit is the view's, and what is used becomes its input. */
import type { Session } from "../../session/session.ts";
import type { AtlasSession } from "./session.ts";
import { sessionOver, type Widget } from "./session-over.ts";

export function attachedSession(widget: Widget, live: Session, life: AbortSignal): AtlasSession {
  const { unit, state, reason } = live;
  return sessionOver(widget, life, { unit, state, reason, live, setUnit: (to) => live.setUnit(to) });
}
