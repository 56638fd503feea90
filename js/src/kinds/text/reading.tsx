/** Readings of the pictures of a text, for the eye and for the ear. */
import type { Session } from "../../session/session.ts";
import type { Plot } from "../../ui/plot/plot.ts";
import { Tooltip } from "../../ui/plot/tooltip.tsx";

export function Reading({ session, plot }: { session: Session; plot: Plot }) {
  return (
    <>
      <Tooltip session={session} plot={plot} />
      <div class="nw-said" data-nw="said" aria-live="polite">
        {plot.announcement.value}
      </div>
    </>
  );
}
