/** Units that differ between groups of inputs: verdict and figures, all units as points, a table, and one closely. */
import { useMemo } from "preact/hooks";
import type { AtlasSession } from "../../atlas/session/session.ts";
import { ResultHead } from "../head.tsx";
import { UnitsTable } from "../units/table.tsx";
import { Verdict } from "../verdict.tsx";
import { Chosen } from "./chosen.tsx";
import { ComparisonStore } from "./store.ts";
import { Volcano } from "./volcano.tsx";
import "./comparison.css";

export function Comparison({ of }: { of: AtlasSession }) {
  const store = useMemo(() => new ComparisonStore(of), [of]);
  const info = store.info.value;
  return (
    <div class="nw-comparison">
      <ResultHead of={of} model={info.model || "model"} />
      <section aria-label="Verdict">
        <Verdict verdict={info.verdict} figures={info.figures} />
        {info.edits.length > 0 && (
          <p class="nw-notice" data-nw="edited">
            The model was changed while it ran: {info.edits.join(", ")}.
          </p>
        )}
      </section>
      {info.searched > 0 && (
        <div class="nw-comparison-body">
          <div class="nw-comparison-all">
            <Volcano store={store} />
            <UnitsTable
              of={of}
              info={info.units}
              chosen={store.unit.value}
              choose={(unit) => store.choose(unit)}
              first={8}
            />
          </div>
          <Chosen store={store} />
        </div>
      )}
      <div class="nw-said" aria-live="polite" data-nw="said">
        {store.said.value}
      </div>
    </div>
  );
}
