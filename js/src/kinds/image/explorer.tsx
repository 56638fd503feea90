/** Everything about one picture, linked: the picture and its tools, classes, the site's units. */

import type { Held } from "../../panels/beside/view.tsx";
import { Classes } from "../../panels/classes/view.tsx";
import { MorePanels } from "../../panels/registry.tsx";
import { Pinned, Tiles } from "../../panels/tiles/view.tsx";
import { Units } from "../../panels/top/view.tsx";
import { siteScale } from "../../panels/trace/wire.ts";
import { isLive, type Session } from "../../session/session.ts";
import type { HelpParts } from "../../ui/help.tsx";
import { Legend } from "../../ui/legend.tsx";
import { ofRgb, Pixels } from "../../ui/pixels.tsx";
import { isPicture } from "../../wire/inputs.ts";
import { ExplorerFrame, Side } from "../explorer-frame.tsx";
import { IMAGE_HELP, ImagePanel, useImageEditor } from "./image-panel.tsx";

const HELP: HelpParts = [
  [
    "What you see",
    [
      ["Picture", "with the chosen unit over it; edit it and everything follows"],
      [
        "Small maps",
        "the units of the layer with the largest values in this picture; ← → go to the next, Enter chooses",
      ],
      ["What does the model say?", "each class now; the mark is what it was before your edits"],
    ],
  ],
  ...IMAGE_HELP,
];

const heldPicture: Held = (_, input) =>
  isPicture(input) && <Pixels rgba={ofRgb(input.rgb)} width={input.width} height={input.height} />;

export function ImageExplorer({ session }: { session: Session }) {
  const editor = useImageEditor(session);
  const live = isLive(session);
  const frame = session.frame.value;
  return (
    <ExplorerFrame session={session} help={HELP} held={heldPicture}>
      <ImagePanel session={session} editor={editor} />
      <Side session={session} label="What comes out">
        <Classes session={session} base={editor.base.value} />
        <Units session={session} />
      </Side>
      <section class="nw-area-pictures" aria-label="Maps of units">
        <div class="nw-section-head">
          <span class="nw-title">
            Strongest units of <span class="nw-mono">{session.site.value}</span>
          </span>
          <span class="nw-sub">largest value first; click one to lay it over the picture</span>
          <label class="nw-field nw-zoom" title="Small values become visible beside large ones">
            <input
              type="checkbox"
              role="switch"
              data-nw="log"
              checked={session.view.value.mode === "log"}
              aria-checked={session.view.value.mode === "log"}
              disabled={!live}
              onChange={(event) => session.setView({ mode: event.currentTarget.checked ? "log" : "linear" })}
            />{" "}
            log colours
          </label>
        </div>
        <Tiles session={session} />
        <Pinned session={session} />
        {frame?.parts.tiles && <Legend session={session} of="tiles" scale={siteScale(frame)} />}
        <MorePanels session={session} area="pictures" />
      </section>
    </ExplorerFrame>
  );
}

/** The picture beside a card, to be changed like that of an Explorer. */
export function ImageCard({ session }: { session: Session }) {
  const editor = useImageEditor(session);
  return (
    <ExplorerFrame session={session} help={IMAGE_HELP} held={heldPicture}>
      <ImagePanel session={session} editor={editor} />
    </ExplorerFrame>
  );
}
