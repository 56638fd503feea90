/** Everything about one text, linked: the text, expectations, layers, units, lines. */
import { useMemo } from "preact/hooks";
import type { Held } from "../../panels/beside/view.tsx";
import { Guesses } from "../../panels/guesses/view.tsx";
import { Heatmap } from "../../panels/map/view.tsx";
import { Overview } from "../../panels/overview/view.tsx";
import { MorePanels } from "../../panels/registry.tsx";
import { useDriven } from "../../panels/studies/driven.ts";
import { Drives } from "../../panels/studies/drives.tsx";
import { Units } from "../../panels/top/view.tsx";
import { UnitLegend } from "../../panels/trace/legend.tsx";
import { Traces } from "../../panels/trace/view.tsx";
import { isLive, type Session } from "../../session/session.ts";
import { createPlot } from "../../ui/plot/plot.ts";
import { textOf } from "../../wire/inputs.ts";
import { ExplorerFrame, Side } from "../explorer-frame.tsx";
import { Editor } from "./editor/editor.tsx";
import { TEXT_HELP } from "./help.ts";
import { Reading } from "./reading.tsx";

export function Explorer({ session }: { session: Session }) {
  const plot = useMemo(() => createPlot(session), [session]);
  const driven = useDriven(session);
  return (
    <ExplorerFrame
      session={session}
      help={TEXT_HELP}
      held={heldText}
      over={<Reading session={session} plot={plot} />}
    >
      <section class="nw-area-text" aria-label="Text">
        <div class="nw-section-head">
          <span class="nw-title">Text</span>
          {isLive(session) && <span class="nw-sub">type here: the model runs at every key</span>}
        </div>
        <Editor session={driven?.shown ?? session} />
        <div class="nw-under">
          {!driven?.result.value && <UnitLegend session={session} />}
          <Drives driven={driven} />
        </div>
      </section>
      <Side session={session} label="At the token">
        <Guesses session={session} />
        <Units session={session} />
      </Side>
      <div class="nw-area-pictures">
        <Overview session={session} plot={plot} />
        <Heatmap session={session} plot={plot} />
        <Traces session={session} plot={plot} />
        <MorePanels session={session} area="pictures" />
      </div>
    </ExplorerFrame>
  );
}

/** The text, its part that is another marked. */
const heldText: Held = (session, input) => {
  const [held, now] = [textOf(input), session.text.value];
  const most = Math.min(held.length, now.length);
  let [front, back] = [0, 0];
  while (front < most && held[front] === now[front]) front++;
  while (back < most - front && held.at(-1 - back) === now.at(-1 - back)) back++;
  const end = held.length - back;
  return (
    <span class="nw-mono">
      {held.slice(0, front)}
      <mark>{held.slice(front, end)}</mark>
      {held.slice(end)}
    </span>
  );
};
