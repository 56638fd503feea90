/** Inputs of a pattern: the most typical, those that hardly belong; each opens in the editor. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { percent } from "../../paint/words.ts";
import { isLive } from "../../session/session.ts";
import { moveFocus } from "../../ui/roving-focus.ts";
import { faceFor } from "../members/registry.ts";
import { type Shown, shownOf } from "../members/shown.ts";
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
  const { typical, outliers } = shownOf(answer);
  const { total, unit } = answer;
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
      <List store={store} shown={typical} />
      {typical.length < total && (
        <button type="button" class="nw-link" data-nw="more-members" onClick={() => setMost(2 * most)}>
          Show more
        </button>
      )}
      {outliers.length > 0 && (
        <>
          <p class="nw-sub">Those that hardly belong to it</p>
          <List store={store} shown={outliers} />
        </>
      )}
    </div>
  );
}

function List({ store, shown }: { store: PatternStore; shown: Shown[] }) {
  const kind = shown[0]?.answer.input ?? "";
  const { Face, stand } = faceFor(kind);
  const opens = store.live !== null && isLive(store.of);
  return (
    <div class={`nw-member-list nw-${stand}`} role="toolbar" aria-label="Inputs" onKeyDown={moveFocus}>
      {shown.map((one, i) => {
        const { document, name, label, prediction, membership } = one.row;
        const said = [
          label,
          prediction !== null && prediction !== label ? `the model says ${prediction}` : "",
        ];
        const words = [name, ...said.filter(Boolean), `membership ${percent(membership)}`].join(", ");
        return (
          <button
            key={document}
            type="button"
            class="nw-member"
            data-nw="member"
            data-document={document}
            tabIndex={i === 0 ? 0 : -1}
            aria-disabled={!opens}
            aria-label={opens ? `${words}. Put it in the editor` : words}
            title={words}
            onClick={() => opens && store.open(document)}
          >
            <Face shown={one} />
            <span class="nw-member-name">{said.filter(Boolean).join(" · ") || name}</span>
          </button>
        );
      })}
    </div>
  );
}
