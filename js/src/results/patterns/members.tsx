/** Inputs of a pattern: the most typical, those that hardly belong; each opens in the editor. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { percent } from "../../paint/words.ts";
import { isLive } from "../../session/session.ts";
import type { MemberRow } from "../../wire/results/patterns.ts";
import { InputList } from "../members/list.tsx";
import { shownOf } from "../members/shown.ts";
import { called, type PatternStore } from "./store.ts";

const FIRST = 12;

type MembersProps = { store: PatternStore; layer: number; pattern: number | null };

export function Members({ store, layer, pattern }: MembersProps) {
  const [most, setMost] = useState(FIRST);
  const channel = useMemo(() => store.of.channel("members"), [store]);
  useEffect(() => () => store.of.end(channel), [store, channel]);
  const narrowed = store.narrowed.value;
  const live = isLive(store.of);
  useEffect(() => {
    if (live) channel.ask({ layer, pattern, narrowed, most });
  }, [channel, live, layer, pattern, JSON.stringify(narrowed), most]);
  const answer = channel.answer.value;
  const problem = channel.problem.value;
  useEffect(() => {
    if (answer) store.said.value = `${answer.total} inputs ${pattern === null ? "chosen" : called(pattern)}`;
  }, [answer?.total, pattern]);
  if (problem)
    return (
      <p class="nw-problem" role="alert">
        {problem.message} {problem.hint}
      </p>
    );
  if (!answer)
    return (
      <p class="nw-soft">{live ? "The inputs are on their way…" : "Inputs are shown once it is live."}</p>
    );
  const { total, unit } = answer;
  const shown = shownOf(answer, [...answer.typical, ...answer.outliers]);
  const list = {
    about: ({ membership }: MemberRow) => `membership ${percent(membership)}`,
    labels: store.info.value.labels,
    open: store.live && live ? (document: number) => store.open(document) : null,
    opens: "Put it in the editor",
  };
  const [typical, outliers] = [shown.slice(0, answer.typical.length), shown.slice(answer.typical.length)];
  return (
    <div class="nw-members" data-nw="members">
      <p class="nw-sub">
        {total === 0 ? "No input is left here." : `${typical.length} of ${total}, the most typical first`}
        {unit !== null && answer.scale !== null && (
          <>
            ; shaded by <span class="nw-mono">{unit}</span>
          </>
        )}
      </p>
      <InputList shown={typical} {...list} />
      {typical.length < total && (
        <button type="button" class="nw-link" data-nw="more-members" onClick={() => setMost(2 * most)}>
          Show more
        </button>
      )}
      {outliers.length > 0 && (
        <>
          <p class="nw-sub">Those that hardly belong to it</p>
          <InputList shown={outliers} {...list} />
        </>
      )}
    </div>
  );
}
