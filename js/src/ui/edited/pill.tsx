/** Says in a head that the model is edited, and which pass is shown. */
import type { Session } from "../../session/session.ts";
import { acts } from "../../wire/edits.ts";
import "./pill.css";

export function EditedPill({ session }: { session: Session }) {
  const { edits: head = null, beside } = session.frame.value?.head ?? {};
  const own = session.catalog.value.edits ?? [];
  const wanted = session.edits.value.some(acts);
  const words = [...own, ...(head?.acting ?? [])];
  if (words.length === 0 && !wanted) return null;
  const shown = head && head.acting.length > 0 && !beside ? head.compare : "after";
  const aside = { after: "", before: ": shown as it was before", difference: ": the difference is shown" }[
    shown
  ];
  return (
    <span class="nw-edited-pill" data-nw="edited" role="status" title={words.join("\n")}>
      model edited{aside}
    </span>
  );
}
