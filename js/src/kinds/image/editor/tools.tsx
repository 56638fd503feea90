/** Tools of the image editor: what the pointer does, sliders, undo, files. */
import { useRef } from "preact/hooks";
import { type Change, type Colour, redo, UNTOUCHED, undo } from "./change.ts";
import { Row, Slider } from "./controls.tsx";
import { CropRow } from "./crop-row.tsx";
import { pictureOf } from "./files.ts";
import type { ImageEditor, Tool } from "./image-editor.ts";

const TOOLS: [Tool, string, string][] = [
  ["move", "Move", "Drag, or use the arrow keys, to shift the picture"],
  ["crop", "Crop", "Drag a frame over the part to keep: the model sees only that"],
  [
    "paint",
    "Paint",
    "Paint over the picture, for example to paint the background out; Alt and a click takes its colour",
  ],
  ["erase", "Erase", "Paint background over the picture; Undo brings it back"],
  ["read", "Read", "Read the selected unit cell by cell, with the arrow keys too"],
];

/** Key, words, how its value is shown, least, most, step. */
type Knob = [keyof Change, string, (value: number) => string, number, number, number];
const KNOBS: Knob[] = [
  ["zoom", "Zoom", (value) => `${value.toFixed(2)} ×`, 0.25, 8, 0.05],
  ["turn", "Turn", (value) => `${value}°`.replace("-", "−"), -180, 180, 1],
  ["light", "Brightness", (value) => `${Math.round(100 * value)} %`, 0, 3, 0.05],
  ["blur", "Blur", (value) => `${(100 * value).toFixed(1)} %`, 0, 0.1, 0.002],
];

export function Tools({ editor, fail }: { editor: ImageEditor; fail: (message: string) => void }) {
  const { past, future, now } = editor.history.value;
  const tool = editor.tool.value;
  const framed = editor.framed.value !== null;
  const file = useRef<HTMLInputElement>(null);
  const press = (hook: string, words: string, title: string, act: () => void, off = false) => (
    <button type="button" data-nw={hook} title={title} disabled={off} onClick={act}>
      {words}
    </button>
  );
  return (
    <>
      <Row label="Tool">
        {TOOLS.map(([name, words, title]) => (
          <button
            key={name}
            type="button"
            data-nw={`tool-${name}`}
            title={title}
            aria-pressed={tool === name}
            onClick={() => {
              editor.tool.value = name;
            }}
          >
            {words}
          </button>
        ))}
      </Row>
      {tool === "crop" ? <CropRow editor={editor} /> : <Brush editor={editor} />}
      {KNOBS.map(([key, label, show, min, max, step]) => (
        <Slider
          key={key}
          {...{ hook: key, label, min, max, step }}
          value={now.change[key] as number}
          shown={show(now.change[key] as number)}
          input={(value) => editor.change({ [key]: value }, key)}
          done={editor.settle}
        />
      ))}
      <Row label="Steps">
        {press(
          "undo",
          "Undo",
          "Undo (Ctrl Z in the picture)",
          () => editor.travel(undo),
          past.length === 0 && !framed,
        )}
        {press("redo", "Redo", "Redo (Ctrl Shift Z)", () => editor.travel(redo), future.length === 0)}
        {press(
          "reset",
          "Reset",
          "Back to the picture as it was picked",
          editor.reset,
          now.change === UNTOUCHED && !framed,
        )}
        {press("upload", "Open…", "Open an image file; dropping and pasting one works too", () =>
          file.current!.click(),
        )}
        <input
          ref={file}
          type="file"
          accept="image/*"
          hidden
          aria-label="Image file"
          data-nw="file"
          onChange={(event) => {
            const chosen = event.currentTarget.files?.[0];
            if (chosen) void openFile(editor, chosen, fail);
            event.currentTarget.value = "";
          }}
        />
      </Row>
    </>
  );
}

function Brush({ editor }: { editor: ImageEditor }) {
  return (
    <Row label="Brush">
      <Slider
        hook="brush-size"
        label="Brush"
        min={0.01}
        max={0.5}
        step={0.01}
        value={editor.size.value}
        shown={`${Math.round(100 * editor.size.value)} %`}
        input={(value) => {
          editor.size.value = value;
          if (editor.tool.value !== "erase") editor.tool.value = "paint";
        }}
      />
      <input
        type="color"
        data-nw="brush-colour"
        aria-label="Colour of the brush"
        title="Colour of the brush; Alt and a click in the picture takes it from there"
        value={hex(editor.colour.value)}
        onInput={(event) => {
          editor.colour.value = colourOf(event.currentTarget.value);
          editor.tool.value = "paint";
        }}
      />
    </Row>
  );
}

export async function openFile(
  editor: ImageEditor,
  file: File,
  fail: (message: string) => void,
): Promise<void> {
  const picture = await pictureOf(file);
  fail(picture ? "" : `“${file.name}” is not an image this browser can read: try PNG or JPEG.`);
  if (picture) editor.open(picture);
}

const hex = (colour: Colour) => `#${colour.map((part) => part.toString(16).padStart(2, "0")).join("")}`;

function colourOf(text: string): Colour {
  const packed = Number.parseInt(text.slice(1), 16);
  return [packed >> 16, (packed >> 8) & 255, packed & 255];
}
