/** The picture with all that can be done to it, and what the model gets of it. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { useDriven } from "../../panels/studies/driven.ts";
import { Drives } from "../../panels/studies/drives.tsx";
import { UnitLegend } from "../../panels/trace/legend.tsx";
import { isLive, type Session } from "../../session/session.ts";
import type { HelpParts } from "../../ui/help.tsx";
import { ofRgb, Pixels } from "../../ui/pixels.tsx";
import { Slider } from "./editor/controls.tsx";
import { imageIn } from "./editor/files.ts";
import { Box, ImageCanvas } from "./editor/image-canvas.tsx";
import { createImageEditor, type ImageEditor } from "./editor/image-editor.ts";
import { seenOf } from "./editor/seen.ts";
import { openFile, Tools } from "./editor/tools.tsx";
import { Gallery } from "./gallery.tsx";
import "../inputs.css";

export const IMAGE_HELP: HelpParts = [
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
      ["← → in the gallery", "look at the next picture"],
    ],
  ],
];

export function useImageEditor(session: Session): ImageEditor {
  const editor = useMemo(() => createImageEditor(session), [session]);
  useEffect(() => editor.close, [editor]);
  return editor;
}

export function ImagePanel({ session, editor }: { session: Session; editor: ImageEditor }) {
  const [problem, fail] = useState("");
  const [over, setOver] = useState(false);
  const live = isLive(session);
  const driven = useDriven(session);
  const take = (event: Event, data: DataTransfer | null) => {
    const file = imageIn(data);
    setOver(false);
    if (!file || !live) return;
    event.preventDefault();
    void openFile(editor, file, fail);
  };
  return (
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
          <ImageCanvas session={driven?.shown ?? session} editor={editor} />
          {!driven?.result.value && <UnitLegend session={session} />}
          <Drives driven={driven} />
        </div>
        <div class="nw-desk">
          <Tools editor={editor} fail={fail} />
          <Slider
            hook="opacity"
            label="Unit on top"
            min={0}
            max={1}
            step={0.05}
            value={editor.opacity.value}
            shown={`${Math.round(100 * editor.opacity.value)} %`}
            input={(value) => {
              editor.opacity.value = value;
            }}
          />
          <Seen session={session} />
        </div>
      </fieldset>
    </section>
  );
}

/** The input after preprocessing. */
function Seen({ session }: { session: Session }) {
  const seen = seenOf(session.frame.value);
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
