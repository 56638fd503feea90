/** One unit closely: what its effect means, its values in each group, and inputs of each beside each other. */
import { useEffect, useMemo } from "preact/hooks";
import { SwitchUnitOff } from "../../atlas/card/switch-off.tsx";
import type { Answer } from "../../atlas/session/channel.ts";
import { useLinked } from "../../atlas/session/linked.ts";
import { formatValue } from "../../paint/scale.ts";
import { dark } from "../../paint/theme.ts";
import { isLive } from "../../session/session.ts";
import { Called } from "../../ui/naming/unit-name.tsx";
import { PinButton } from "../../ui/pin.tsx";
import type { UnitName } from "../../wire/protocol.ts";
import { InputList } from "../members/list.tsx";
import { shownOf } from "../members/shown.ts";
import { Distributions } from "./distributions.tsx";
import { groupHue } from "./groups.ts";
import { Rates } from "./rates.tsx";
import type { ComparisonStore } from "./store.ts";

export function Chosen({ store }: { store: ComparisonStore }) {
  const unit = store.unit.value;
  return (
    <section class="nw-one-compared" data-nw="compared" aria-label="The chosen unit">
      {unit === null ? (
        <p class="nw-sub">Choose a unit in the picture or in the table to see what it does in each group.</p>
      ) : (
        <Closely store={store} unit={unit} />
      )}
    </section>
  );
}

function Closely({ store, unit }: { store: ComparisonStore; unit: UnitName }) {
  const { of } = store;
  const channel = useMemo(() => of.channel("compared"), [of]);
  useEffect(() => () => of.end(channel), [of, channel]);
  const live = isLive(of);
  useEffect(() => {
    if (live) channel.ask({ unit });
  }, [channel, live, unit]);
  const linked = useLinked(of);
  const answer = channel.answer.value;
  const problem = channel.problem.value;
  useEffect(() => {
    if (answer?.about.unit === unit) store.said.value = `${unit}: ${answer.words}`;
  }, [answer]);
  return (
    <>
      <h3 class="nw-title nw-compared-title">
        <span class="nw-mono">
          <Called labels={of.labels.value} unit={unit} />
        </span>
        {linked && <PinButton session={linked} unit={unit} />}
      </h3>
      {problem ? (
        <p class="nw-problem" role="alert">
          {problem.message} {problem.hint}
        </p>
      ) : answer ? (
        <Compared store={store} answer={answer} />
      ) : (
        <p class="nw-soft">
          {live ? "Its values are on their way…" : "Its values are shown once it is live."}
        </p>
      )}
      <Cause store={store} unit={unit} cause={answer?.about.unit === unit ? answer.cause : null} />
    </>
  );
}

function Compared({ store, answer }: { store: ComparisonStore; answer: Answer<"compared"> }) {
  return (
    <>
      <p class="nw-compared-words">{answer.words}</p>
      {answer.over !== "" && <p class="nw-sub">Over the atlas: {answer.over}</p>}
      <Distributions answer={answer} />
      <Rates answer={answer} />
      <Exemplars store={store} answer={answer} />
    </>
  );
}

/** A result that names detectors says whether they are causes, or that this was not tried. */
function Cause({ store, unit, cause }: { store: ComparisonStore; unit: UnitName; cause: string | null }) {
  return (
    <div class="nw-compared-cause" data-nw="cause">
      <p class="nw-sub">
        {cause ?? "Whether the model uses it was not tried: comparison.tried(live) in Python tries the best."}
      </p>
      <SwitchUnitOff of={store.of} unit={unit} />
    </div>
  );
}

function Exemplars({ store, answer }: { store: ComparisonStore; answer: Answer<"compared"> }) {
  const shown = useMemo(
    () =>
      shownOf(
        answer,
        answer.groups.flatMap(({ exemplars }) => exemplars),
      ),
    [answer],
  );
  const linked = useLinked(store.of);
  const open = linked && isLive(store.of) ? (document: number) => store.open(document) : null;
  return (
    <div class="nw-compared-inputs" data-nw="exemplars">
      {answer.groups.map(({ name, exemplars }, i) => {
        const before = answer.groups.slice(0, i).reduce((sum, group) => sum + group.exemplars.length, 0);
        const own = shown.slice(before, before + exemplars.length);
        return (
          <section key={name} aria-label={`Inputs of ${name}`}>
            <h4 class="nw-sub">
              <span class="nw-group-mark" style={{ background: groupHue(i, dark.value) }} /> highest in {name}
            </h4>
            {own.length === 0 ? (
              <p class="nw-soft">no input was kept</p>
            ) : own.every(({ row }) => row.value === 0) ? (
              <p class="nw-soft">zero in all of them</p>
            ) : (
              <InputList
                shown={own}
                about={({ value }) => (value === null ? "" : `${answer.about.unit} ${formatValue(value)}`)}
                mark={({ value }) => (value === null ? "" : formatValue(value))}
                labels={[]}
                open={open}
                opens="Open it in the Explorer"
              />
            )}
          </section>
        );
      })}
    </div>
  );
}
