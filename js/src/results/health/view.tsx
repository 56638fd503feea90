/** Health of units: the verdict, a bar a site, the units that are out of order, and what the chosen one did. */

import { signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { createCardStore } from "../../atlas/card/card-store.ts";
import { Histogram } from "../../atlas/card/histogram.tsx";
import type { AtlasSession } from "../../atlas/session/session.ts";
import { isLive } from "../../session/session.ts";
import type { HealthInfo } from "../../wire/results/health.ts";
import { ResultHead } from "../head.tsx";
import { Verdict } from "../verdict.tsx";
import { Bars, type Narrowed, StateLegend, WIDE } from "./bars.tsx";
import { FlaggedUnits } from "./rows.tsx";
import "./health.css";

const NOTHING: HealthInfo = { model: "", verdict: "", states: [], layers: [], rows: [] };

export function Health({ of }: { of: AtlasSession }) {
  const info: HealthInfo = { ...NOTHING, ...(of.trait("health_info").value as object | null) };
  const narrowed: Narrowed = { ...WIDE, ...(of.trait("narrowed").value as object | null) };
  const narrow = (to: Narrowed) => of.tell({ narrowed: to });
  const shared = { info, narrowed, narrow, live: isLive(of) };
  const { state, site } = narrowed;
  return (
    <div class="nw-health">
      <ResultHead of={of} model={info.model} />
      <section aria-label="Verdict">
        <Verdict verdict={info.verdict} figures={[]} />
      </section>
      <section aria-label="Units by state">
        <StateLegend {...shared} />
        <Bars {...shared} />
      </section>
      <div class={of.given.value ? "nw-health-body nw-with-unit" : "nw-health-body"}>
        <section aria-label="Units that are out of order">
          <FlaggedUnits of={of} info={info} narrowed={narrowed} />
        </section>
        {of.given.value && <ChosenUnit of={of} />}
      </div>
      <span class="nw-said" role="status">
        {state === null && site === null
          ? ""
          : `Units ${state ?? "out of order"}${site ? ` in ${site}` : ""}`}
      </span>
    </div>
  );
}

const NO_READING = signal(null);

/** What the chosen unit did over the data set, from the atlas. */
function ChosenUnit({ of }: { of: AtlasSession }) {
  const store = useMemo(() => createCardStore(of), [of]);
  useEffect(() => () => store.close(), [store]);
  const card = store.card.value;
  if (of.unit.value === null || !store.scanned.value || card === null)
    return <p class="nw-empty">Choose a unit to see what it did over the data set.</p>;
  return (
    <section
      class="nw-health-unit"
      data-nw="health-unit"
      aria-label={`What ${card.unit} did over the data set`}
    >
      <p>{card.words}</p>
      <Histogram card={card} reading={NO_READING} />
    </section>
  );
}
