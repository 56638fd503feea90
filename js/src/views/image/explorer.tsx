/** Everything about one picture, linked: the picture and its tools, classes, the site's units. */
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Session } from "../../session.ts";
import { Classes } from "../classes.tsx";
import { ExplorerFrame } from "../explorer-frame.tsx";
import type { HelpParts } from "../help.tsx";
import { Legend } from "../legend.tsx";
import { isLive } from "../plot.ts";
import { Units } from "../units.tsx";
import { Slider } from "./controls.tsx";
import { Box, Easel, isDarkGround } from "./easel.tsx";
import { imageIn } from "./files.ts";
import { Gallery } from "./gallery.tsx";
import { ofRgb, Pixels } from "./pixels.tsx";
import { createStudio } from "./studio.ts";
import { Pinned, Tiles } from "./tiles.tsx";
import { openFile, Tools } from "./tools.tsx";

const HELP: HelpParts = [
  [
    "What you see",
    [
      ["Picture", "with the chosen unit over it; edit it and everything follows"],
      ["Small maps", "the units of the layer with the largest values in this picture"],
      ["The model says", "each class now; the mark is what it was before your edits"],
    ],
  ],
  [
    "In the picture",
    [
      ["Drag", "shift, crop, paint or erase, as the tool says"],
      ["Point", "the value of the cell, and a dashed frame around all it can see"],
      ["Alt + click", "take the colour from there for the brush"],
      ["Ctrl/⌘ + wheel", "zoom"],
    ],
  ],
  [
    "Keys, in the picture",
    [
      [
        "← ↑ → ↓",
        "shift the picture (Shift: by eight), move the frame of a crop or the brush, or read the next cell",
      ],
      [
        "Enter, Esc",
        "keep only what is framed, or leave the picture as it is; Shift + arrows size the frame",
      ],
      ["Space", "paint or erase at the brush; C takes the colour below it"],
      ["+ − [ ]", "zoom and turn"],
      ["Ctrl/⌘ Z", "undo; with Shift redo"],
      ["← → in the gallery", "look at the next picture; in the maps: go to the next, Enter chooses"],
    ],
  ],
];

export function ImageExplorer({ session }: { session: Session }) {
  const studio = useMemo(() => createStudio(session), [session]);
  useEffect(() => studio.close, [studio]);
  const [problem, fail] = useState("");
  const [over, setOver] = useState(false);
  const live = isLive(session);
  const take = (event: Event, data: DataTransfer | null) => {
    const file = imageIn(data);
    setOver(false);
    if (!file || !live) return;
    event.preventDefault();
    void openFile(studio, file, fail);
  };
  return (
    <ExplorerFrame session={session} help={HELP}>
      <section
        class={over ? "nw-area-text nw-drop" : "nw-area-text"}
        aria-label="Picture"
        data-nw="editor"
        onPaste={(event) => take(event, event.clipboardData)}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => take(event, event.dataTransfer)}
      >
        <div class="nw-section-head">
          <span class="nw-title">Picture</span>
          {live && <span class="nw-sub">pick one, or drop, paste or paint your own: the model follows</span>}
        </div>
        {problem !== "" && (
          <p class="nw-error" role="alert">
            {problem}
          </p>
        )}
        <Gallery session={session} />
        <fieldset class="nw-work" disabled={!live} aria-label="Picture and tools">
          <div class="nw-desk">
            <Easel session={session} studio={studio} />
            <Legend session={session} of="unit" ground={isDarkGround(studio)} />
          </div>
          <div class="nw-desk">
            <Tools studio={studio} fail={fail} />
            <Slider
              hook="opacity"
              label="Unit on top"
              min={0}
              max={1}
              step={0.05}
              value={studio.opacity.value}
              shown={`${Math.round(100 * studio.opacity.value)} %`}
              input={(value) => {
                studio.opacity.value = value;
              }}
            />
            <Seen session={session} />
          </div>
        </fieldset>
      </section>
      <aside class="nw-area-side" aria-label="What comes out">
        <Classes session={session} base={studio.base.value} />
        <Units session={session} />
      </aside>
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
        {session.frame.value?.extra?.tiles && <Legend session={session} of="tiles" />}
      </section>
    </ExplorerFrame>
  );
}

/** The input after preprocessing. */
function Seen({ session }: { session: Session }) {
  const seen = session.frame.value?.extra?.seen;
  const rgba = useMemo(() => seen && ofRgb(seen.rgb), [seen]);
  if (!seen || !rgba) return null;
  return (
    <figure class="nw-seen" data-nw="seen">
      <div class="nw-easel" style={{ aspectRatio: `${seen.width} / ${seen.height}` }}>
        <Pixels rgba={rgba} width={seen.width} height={seen.height} class="nw-pixels" />
        <Box session={session} />
      </div>
      <figcaption class="nw-sub">
        what the model sees:
        <br />
        {seen.width} × {seen.height} pixels
      </figcaption>
    </figure>
  );
}
