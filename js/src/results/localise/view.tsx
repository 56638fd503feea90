/** Localised or distributed: the verdict, the curves with their baselines, and the units at the chosen number. */
import { useState } from "preact/hooks";
import { SwitchUnitOff } from "../../atlas/card/switch-off.tsx";
import type { AtlasSession } from "../../atlas/session/session.ts";
import { capital } from "../../paint/words.ts";
import { isLive } from "../../session/session.ts";
import { moveFocus } from "../../ui/roving-focus.ts";
import type { LocalisedConcept, LocalisedInfo } from "../../wire/results/localised.ts";
import { ResultHead } from "../head.tsx";
import { UnitsTable } from "../units/table.tsx";
import { Verdict } from "../verdict.tsx";
import { Curves, sayScore } from "./curves.tsx";
import "./localise.css";

const NOTHING: LocalisedInfo = {
  model: "",
  sites: [],
  verdict: "",
  ks: [],
  bases: [],
  metrics: [],
  concepts: [],
};

type Narrowed = { concept: string | null; k: number | null };

export function Localise({ of }: { of: AtlasSession }) {
  const info: LocalisedInfo = { ...NOTHING, ...(of.trait("localised_info").value as object | null) };
  const narrowed: Narrowed = { concept: null, k: null, ...(of.trait("narrowed").value as object | null) };
  const [metric, setMetric] = useState("f1");
  const concept = info.concepts.find(({ name }) => name === narrowed.concept) ?? info.concepts[0];
  if (!concept) return null;
  const k = narrowed.k ?? concept.k;
  const narrow = (to: Partial<Narrowed>) => of.tell({ narrowed: { ...narrowed, ...to } });
  const live = isLive(of);
  const several = info.concepts.length > 1;
  return (
    <div class="nw-localise">
      <ResultHead of={of} model={info.model} />
      <section aria-label="Verdict">
        <Verdict verdict={info.verdict} figures={[]} />
      </section>
      {several && (
        <Concepts
          concepts={info.concepts}
          chosen={concept}
          choose={(name) => narrow({ concept: name, k: null })}
          live={live}
        />
      )}
      <section class="nw-localise-body" aria-label={`Curves and units of ${concept.name}`}>
        <div class="nw-localise-picture">
          {several && <p data-nw="local-said">{concept.verdict}</p>}
          {/* biome-ignore lint/a11y/noStaticElementInteractions: arrows go from measure to measure. */}
          <div class="nw-local-metrics" onKeyDown={moveFocus}>
            {info.metrics.map(([name, words]) => (
              <button
                key={name}
                type="button"
                data-nw="local-metric"
                tabIndex={name === metric ? 0 : -1}
                aria-pressed={name === metric}
                onClick={() => setMetric(name)}
              >
                {words}
              </button>
            ))}
          </div>
          <Curves
            info={info}
            concept={concept}
            metric={metric}
            k={k}
            choose={(to) => narrow({ concept: concept.name, k: to })}
            live={live}
          />
        </div>
        <Units of={of} concept={concept} k={k} />
      </section>
    </div>
  );
}

function Units({
  of,
  concept: { units, cause },
  k,
}: {
  of: AtlasSession;
  concept: LocalisedConcept;
  k: number;
}) {
  const unit = of.unit.value;
  const rows = units.rows.slice(0, k);
  return (
    <div class="nw-localise-units" data-nw="local-units">
      <h3>{k === 1 ? "The best unit" : `The best ${k.toLocaleString("en")} units`}</h3>
      <UnitsTable
        of={of}
        info={{ ...units, rows, total: k }}
        chosen={unit}
        choose={(to) => of.setUnit(to)}
        first={16}
      />
      {cause !== "" && <p data-nw="local-cause">{capital(cause)}.</p>}
      {unit !== null && rows.some((row) => row.unit === unit) && <SwitchUnitOff of={of} unit={unit} />}
    </div>
  );
}

type ConceptsProps = {
  concepts: readonly LocalisedConcept[];
  chosen: LocalisedConcept;
  choose: (name: string) => void;
  live: boolean;
};

function Concepts({ concepts, chosen, choose, live }: ConceptsProps) {
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrows go from concept to concept.
    <div class="nw-local-concepts" data-nw="local-concepts" onKeyDown={moveFocus}>
      {concepts.map(({ name, says, f1, verdict }) => (
        <button
          key={name}
          type="button"
          data-nw="local-concept"
          data-says={says}
          disabled={!live}
          tabIndex={name === chosen.name ? 0 : -1}
          aria-pressed={name === chosen.name}
          title={verdict}
          onClick={() => choose(name)}
        >
          <b>{name}</b> {says} <span class="nw-soft">F1 {sayScore(f1)}</span>
        </button>
      ))}
    </div>
  );
}
