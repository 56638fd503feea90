/** Panel of norms: a bar for each position. */
import type { Panel } from "../../../src/panels/registry.tsx";
import type { Session } from "../../../src/session/session.ts";
import { Bar } from "../../../src/ui/bar.tsx";
import { useNeed } from "../../../src/ui/need.ts";
import { NORMS_WIRE, normsOf } from "./wire.ts";

function Norms({ session }: { session: Session }) {
  useNeed(session, "norms", { kind: "euclidean" });
  const frame = session.frame.value;
  const longest = frame?.parts.norms?.longest ?? 1;
  return (
    <section data-nw="norms">
      {Array.from(normsOf(frame), (norm, position) => (
        <Bar key={position} share={norm / longest} />
      ))}
    </section>
  );
}

export const NORMS: Panel = { wire: NORMS_WIRE, view: Norms, area: "side" };
