/** Problem of a panel, in the panel's place: what stood in its way. The others are there. */
import type { ComponentChildren } from "preact";
import type { Session } from "../session/session.ts";
import type { PanelParts } from "../wire/protocol.ts";

type ProblemProps = { session: Session; of: keyof PanelParts; children?: ComponentChildren };

/** The panel, or what stood in its way. */
export function OrProblem({ session, of, children }: ProblemProps) {
  const problem = session.frame.value?.head.failed?.[of];
  if (!problem) return <>{children}</>;
  return (
    <p class="nw-panel-error" data-nw="panel-error" data-of={of} role="status">
      {problem.message}
      {problem.hint !== "" && <span class="nw-soft"> {problem.hint}</span>}
    </p>
  );
}
