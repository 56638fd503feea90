/** Long questions about the unit of a card: asked in a pause, kept for a saved notebook. */
import { useEffect } from "preact/hooks";
import type { Study } from "../../panels/studies/study.ts";
import type { ReadContext, UnitConcepts } from "../../panels/studies/wire.ts";
import type { Frame } from "../../wire/frame.ts";
import { readPart, VERSION } from "../session/saved.ts";
import type { AtlasSession } from "../session/session.ts";

type Answers = { context: ReadContext; concepts: UnitConcepts };
type Kept = Partial<Answers> & { version: number };

/** The page asks about a unit once nothing was asked for so long; what is known of it is soon told of another input. */
const REST_MS = 700;
const AGAIN_MS = 150;

const keptOf = (atlas: AtlasSession) => readPart<Kept, Kept>(atlas.kept("asked"), (kept) => kept);

/** The answer about the unit, and whether it is `about` what is shown. Asked for while it is `wanted`. */
export function useAsked<Q extends keyof Answers>(
  atlas: AtlasSession,
  study: Study<Q>,
  question: Q,
  wanted: boolean,
  about: (frame: Frame) => unknown,
): { answer: Answers[Q] | null; fresh: boolean } {
  const unit = atlas.unit.value;
  const frame = atlas.live!.frame.value;
  const last = study.result.value;
  const newest = last ?? keptOf(atlas)?.[question];
  const answer = newest?.unit === unit ? (newest as Answers[Q]) : null;
  const live = atlas.state.value === "live";
  const fresh = answer !== null && frame !== null && (last ? last.about === about(frame) : !live);
  useEffect(() => {
    if (fresh && live)
      atlas.keep("asked", JSON.stringify({ ...keptOf(atlas), version: VERSION, [question]: answer }));
    if (fresh || !wanted || !live || frame?.head.unit !== unit) return;
    const timer = setTimeout(() => study.ask(frame.seq, {}, about(frame)), answer ? AGAIN_MS : REST_MS);
    return () => clearTimeout(timer);
  }, [frame, answer, fresh, wanted, live]);
  return { answer, fresh };
}
