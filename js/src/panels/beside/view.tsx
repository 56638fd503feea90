/** Another input in the place of what was before: what it is, and what differs from it. */
import type { ComponentChildren } from "preact";
import type { Session } from "../../session/session.ts";
import { acts } from "../../wire/edits.ts";
import type { Input } from "../../wire/inputs.ts";
import { ChangedUnits } from "../edits/changed-units.tsx";
import { PatchGrid } from "../studies/patch-grid.tsx";
import "../studies/studies.css";

/** How an input looks that is held. */
export type Held = (session: Session, input: Input) => ComponentChildren;

export function Beside({ session, held }: { session: Session; held?: Held | undefined }) {
  const other = session.beside.value;
  const { input } = session.kind.words;
  const frame = session.frame.value;
  const head = frame?.head.beside;
  if (other === null) return null;
  return (
    <section class="nw-beside" data-nw="beside" aria-label={`Compared with another ${input}`}>
      <h3 class="nw-title">The other {input}</h3>
      <div class="nw-held" data-nw="held">
        {held?.(session, other)}
      </div>
      <p class="nw-sub" role="status" data-nw="paired">
        {head?.problem ??
          (!head || head.paired === head.of
            ? `Change the ${input}: switch above between both and their difference.`
            : `${head.of - head.paired} of ${head.of} tokens have no counterpart in the other text: equal beginnings and ends go together, and elsewhere no difference is drawn.`)}
      </p>
      <div class="nw-followed">
        {!session.edits.value.some(acts) && <ChangedUnits session={session} />}
        <PatchGrid session={session} />
      </div>
    </section>
  );
}
