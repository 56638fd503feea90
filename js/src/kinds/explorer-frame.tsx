/** Frame of the Explorers: the head, and a word when nothing is live. */
import type { ComponentChildren } from "preact";
import { EDITS_HELP } from "../panels/edits/help.ts";
import { Edits } from "../panels/edits/view.tsx";
import { isLive, type Session } from "../session/session.ts";
import { Head } from "../ui/head.tsx";
import type { HelpParts } from "../ui/help.tsx";
import "../ui/plot/pictures.css";
import "../panels/panels.css";

type FrameProps = {
  session: Session;
  help: HelpParts;
  children: ComponentChildren;
  /** What lies over the body. */
  over?: ComponentChildren;
};

export function ExplorerFrame({ session, help, children, over }: FrameProps) {
  const edits = session.layout === "explorer";
  return (
    <div class="nw-explorer">
      <Head session={session} help={edits ? [...help, ...EDITS_HELP] : help} />
      {!isLive(session) && session.frame.value !== null && (
        <p class="nw-notice">
          This is the last picture from before; nothing computes now. Run the notebook's cell again to bring
          it to life.
        </p>
      )}
      {edits && <Edits session={session} />}
      <div class="nw-body">{children}</div>
      {over}
    </div>
  );
}
