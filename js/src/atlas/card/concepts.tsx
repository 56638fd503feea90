/** One concept or several? Asked where it is opened; each concept with its share, its word and exemplars. */
import { useContext, useEffect, useState } from "preact/hooks";
import { percent, visible } from "../../paint/words.ts";
import { Progress } from "../../panels/studies/progress.tsx";
import { type Study, StudyContext } from "../../panels/studies/study.ts";
import type { Brief, UnitConcepts } from "../../panels/studies/wire.ts";
import { isLive, type Session } from "../../session/session.ts";
import { numberOf } from "../../wire/values.ts";
import type { AtlasSession } from "../session/session.ts";
import { keepAsked, keptAsked } from "./saved-asked.ts";

export function Concepts({ atlas }: { atlas: AtlasSession }) {
  const study = useContext(StudyContext)?.concepts;
  const { live } = atlas;
  return study && live ? <Fold {...{ atlas, live, study }} /> : null;
}

type FoldProps = { atlas: AtlasSession; live: Session; study: Study<"concepts"> };

function Fold({ atlas, live, study }: FoldProps) {
  const unit = atlas.unit.value;
  const newest: UnitConcepts | null = study.result.value ?? keptAsked(atlas).concepts;
  const known = newest?.unit === unit ? newest : null;
  const [open, setOpen] = useState(known !== null);
  const frame = live.frame.value;
  useEffect(() => {
    if (known) keepAsked(atlas, { concepts: known });
    else if (open && frame?.head.unit === unit && isLive(atlas)) {
      const timer = setTimeout(() => study.ask(frame.seq, {}, unit), 300);
      return () => clearTimeout(timer);
    }
    return undefined;
  }, [open, frame, known]);
  return (
    <div class="nw-find-fold nw-kin-wide" data-nw="concepts" data-unit={known?.unit}>
      <button
        type="button"
        class="nw-fold"
        data-nw="concepts-fold"
        aria-expanded={open}
        onClick={() => {
          study.stop();
          setOpen(!open);
        }}
      >
        <span class="nw-chevron" aria-hidden="true">
          {open ? "▾" : "▸"}
        </span>
        <span class="nw-title">One concept or several?</span>
      </button>
      {open && (
        <>
          <Progress study={study} />
          <p class="nw-sub" role="status" data-nw="concepts-said">
            {study.problem.value || known?.verdict}
          </p>
          <ol class="nw-concepts">
            {known?.concepts.map(({ share, word, exemplars }, i) => (
              <li key={i}>
                <b>{percent(numberOf(share))}</b>{" "}
                {word && <span class="nw-mono nw-token">{visible(word)}</span>}
                <div>
                  {exemplars.map((exemplar, j) => (
                    <Shown key={j} exemplar={exemplar} />
                  ))}
                </div>
              </li>
            ))}
          </ol>
        </>
      )}
    </div>
  );
}

function Shown({ exemplar: { words, around, image } }: { exemplar: Brief }) {
  if (image?.startsWith("data:image/png;base64,")) return <img src={image} alt={words} title={words} />;
  const [before, behind] = around?.map(visible) ?? [];
  return (
    <span class="nw-mono">
      {before}
      <mark>{visible(words)}</mark>
      {behind}
    </span>
  );
}
