/** Need of a view: what it asks of its panel while it is on the page. */
import { useEffect } from "preact/hooks";
import type { PanelNeeds } from "../session/panel.ts";
import type { Session } from "../session/session.ts";

/** States the need whenever it is another; null withdraws it, and so does the view's end. */
export function useNeed<P extends keyof PanelNeeds>(
  session: Session,
  panel: P,
  need: PanelNeeds[P] | null,
): void {
  useEffect(() => session.need(panel, need), [session, JSON.stringify(need)]);
  useEffect(() => () => session.need(panel, null), [session]);
}
