/** Text above a card that is a widget of its own. */
import { UnitLegend } from "../../panels/trace/legend.tsx";
import type { Session } from "../../session/session.ts";
import { Head } from "../../ui/head.tsx";
import { Editor } from "./editor/editor.tsx";
import { TEXT_HELP } from "./help.ts";

export function CardText({ session }: { session: Session }) {
  return (
    <div class="nw-card-input">
      <Head session={session} help={TEXT_HELP} />
      <Editor session={session} />
      <UnitLegend session={session} />
    </div>
  );
}
