/** Panel of norms: a bar for each token. */
import { useEffect } from "preact/hooks";
import type { Panel } from "../../../src/panels/registry.tsx";
import type { Session } from "../../../src/session/session.ts";
import { Bar } from "../../../src/ui/bar.tsx";
import { lengthsOf, NORMS_WIRE } from "./wire.ts";

function Norms({ session }: { session: Session }) {
  useEffect(() => {
    session.need("norms", { every: 1 });
    return () => session.need("norms", null);
  }, [session]);
  const lengths = lengthsOf(session.frame.value);
  const most = Math.max(...lengths);
  return (
    <section data-nw="norms">
      {Array.from(lengths, (length, token) => (
        <Bar key={token} share={length / most} />
      ))}
    </section>
  );
}

export const NORMS: Panel = { wire: NORMS_WIRE, view: Norms, area: "side" };
