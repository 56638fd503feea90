/** Legend of the selected unit's colours. */
import type { Session } from "../../session/session.ts";
import { Legend } from "../../ui/legend.tsx";
import { unitScale } from "./wire.ts";

export function UnitLegend({ session, ground }: { session: Session; ground?: boolean }) {
  const frame = session.frame.value;
  return (
    <Legend
      session={session}
      of="unit"
      scale={frame && unitScale(frame)}
      unit={frame?.head.unit}
      nothing={session.kind.words.noUnit}
      {...(ground !== undefined && { ground })}
    />
  );
}
