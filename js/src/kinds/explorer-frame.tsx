/** Frame of the Explorers: the head, and a word when nothing is live. */
import { type ComponentChildren, createContext } from "preact";
import { useContext } from "preact/hooks";
import { Beside, type Held } from "../panels/beside/view.tsx";
import { EDITS_HELP } from "../panels/edits/help.ts";
import { Edits } from "../panels/edits/view.tsx";
import { MorePanels } from "../panels/registry.tsx";
import { isLive, type Session } from "../session/session.ts";
import { Head } from "../ui/head.tsx";
import type { HelpParts } from "../ui/help.tsx";
import "../ui/plot/pictures.css";
import "../panels/panels.css";

type FrameProps = {
  session: Session;
  help: HelpParts;
  /** How another input looks that this one is compared with. */
  held?: Held | undefined;
  children: ComponentChildren;
  /** What lies over the body. */
  over?: ComponentChildren;
};

export function ExplorerFrame({ session, help, held, children, over }: FrameProps) {
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
      {edits && <Beside session={session} held={held} />}
      <div class="nw-body">{children}</div>
      {over}
    </div>
  );
}

/** What stands at the side of an Explorer around its own panels: first, and last. */
export const SideParts = createContext<{ about?: ComponentChildren; more?: ComponentChildren }>({});

type SideProps = { session: Session; label: string; children?: ComponentChildren };

/** The side, by the question: what the unit does, what the model makes of the input, which units are strongest. */
export function Side({ session, label, children }: SideProps) {
  const { about, more } = useContext(SideParts);
  return (
    <aside class="nw-area-side" aria-label={label}>
      {about}
      {children}
      <MorePanels session={session} area="side" />
      {more}
    </aside>
  );
}
