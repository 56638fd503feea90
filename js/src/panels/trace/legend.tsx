/** Legend of the selected unit's colours. */
import type { Session } from "../../session/session.ts";
import { Legend } from "../../ui/legend.tsx";
import { OrProblem } from "../panel-problem.tsx";
import { unitScale } from "./wire.ts";

export function UnitLegend({ session }: { session: Session }) {
  const frame = session.frame.value;
  return (
    <OrProblem session={session} of="trace">
      <Legend
        session={session}
        of="unit"
        scale={frame && unitScale(frame)}
        unit={frame?.head.unit}
        nothing={session.kind.words.noUnit}
      />
    </OrProblem>
  );
}
