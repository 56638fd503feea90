/** One input of the map, looked up while it is pointed at. */
import { useEffect, useMemo } from "preact/hooks";
import { nameOf } from "../../panels/pattern/view.tsx";
import { isLive } from "../../session/session.ts";
import { faceFor } from "../members/registry.ts";
import { type Shown, shownOf } from "../members/shown.ts";
import type { PatternStore } from "./store.ts";

/** The input of a drawn point; null while nobody knows it. */
export function useMember(store: PatternStore, point: number | null): Shown | null {
  const channel = useMemo(() => store.of.channel("members"), [store]);
  useEffect(() => () => store.of.end(channel), [store, channel]);
  const document = point === null ? null : store.documents.value[point]!;
  useEffect(() => {
    if (document !== null && isLive(store.of)) channel.ask({ documents: [document] });
  }, [document, channel]);
  const answer = channel.answer.value;
  if (document === null || answer?.typical[0]?.document !== document) return null;
  return shownOf(answer, answer.typical)[0] ?? null;
}

export function Member(shown: Shown) {
  const { Face } = faceFor(shown.answer.input);
  return (
    <>
      <Face shown={shown} />
      <div class="nw-soft">{nameOf(shown.row.name)}</div>
    </>
  );
}
