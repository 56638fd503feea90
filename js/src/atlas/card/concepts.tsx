/** One concept or several? Asked where it is opened; each concept with its share, its word and exemplars. */
import { useContext, useState } from "preact/hooks";
import { percent, visible } from "../../paint/words.ts";
import { Progress } from "../../panels/studies/progress.tsx";
import { type Study, StudyContext } from "../../panels/studies/study.ts";
import type { Brief } from "../../panels/studies/wire.ts";
import { isLive } from "../../session/session.ts";
import { Called, sayUnit } from "../../ui/naming/unit-name.tsx";
import type { UnitName } from "../../wire/protocol.ts";
import { numberOf, type Value } from "../../wire/values.ts";
import type { AtlasSession } from "../session/session.ts";
import { useAsked } from "./asked.ts";

export function Concepts({ atlas }: { atlas: AtlasSession }) {
  const study = useContext(StudyContext)?.concepts;
  return study && atlas.live ? <Fold atlas={atlas} study={study} /> : null;
}

function Fold({ atlas, study }: { atlas: AtlasSession; study: Study<"concepts"> }) {
  const [chosen, choose] = useState<boolean | null>(null);
  const { answer } = useAsked(atlas, study, "concepts", chosen === true, ({ head }) => head.unit);
  const open = chosen ?? answer !== null;
  const toggle = () => {
    study.stop();
    choose(!open);
  };
  return (
    <div class="nw-find-fold" data-nw="concepts" data-unit={answer?.unit}>
      <button type="button" class="nw-fold" data-nw="concepts-fold" aria-expanded={open} onClick={toggle}>
        <span class="nw-chevron" aria-hidden="true">
          {open ? "▾" : "▸"}
        </span>
        <span class="nw-title">One concept or several?</span>
      </button>
      {open && (
        <>
          <Progress study={study} />
          <p class="nw-sub" role="status" data-nw="concepts-said">
            {study.problem.value || answer?.verdict}
          </p>
          <ol class="nw-concepts">
            {answer?.concepts?.map(({ share, word, exemplars, followers }, i) => (
              <li key={i}>
                <b>{percent(numberOf(share))}</b> <span class="nw-mono">{visible(word)}</span>
                <div>{exemplars.map(show)}</div>
                {followers && <Followers atlas={atlas} units={followers} />}
              </li>
            ))}
          </ol>
        </>
      )}
    </div>
  );
}

type FollowersProps = { atlas: AtlasSession; units: [unit: UnitName, auroc: Value][] };

/** Units behind that go with a concept; a click goes to one. */
function Followers({ atlas, units }: FollowersProps) {
  if (units.length === 0) return <span class="nw-soft">No unit behind follows it beyond chance.</span>;
  return (
    <div data-nw="followers">
      <span class="nw-soft">Followed by</span>
      {units.map(([unit, auroc]) => (
        <button
          key={unit}
          type="button"
          class="nw-link nw-mono"
          data-unit={unit}
          disabled={!isLive(atlas)}
          title={`Go to ${sayUnit(atlas.labels.value, unit)}: tells this concept with AUROC ${auroc}, held out`}
          onClick={() => atlas.setUnit(unit)}
        >
          <Called labels={atlas.labels.value} unit={unit} alone />
        </button>
      ))}
    </div>
  );
}

function show({ words, around = ["", ""], image }: Brief, key: number) {
  if (image?.startsWith("data:image/png;")) return <img key={key} src={image} alt={words} title={words} />;
  const [before, behind] = around.map((text) => text && visible(text));
  return (
    <span key={key} class="nw-mono">
      {before}
      <mark>{visible(words)}</mark>
      {behind}
    </span>
  );
}
