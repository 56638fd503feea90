/** What can be done to the picture: tools, sliders, undo, files. */
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { type Colour, type Edit, redo, UNTOUCHED, undo } from "./edit.ts";
import { pictureOf } from "./files.ts";
import type { Studio, Tool } from "./studio.ts";

const TOOLS: [Tool, string, string][] = [
  ["move", "Move", "Drag, or use the arrow keys, to shift the picture"],
  [
    "paint",
    "Paint",
    "Paint over the picture, for example to paint the background out; Alt and a click takes its colour",
  ],
  ["erase", "Erase", "Erase what was painted; the picture below comes back"],
  ["read", "Read", "Read the selected unit cell by cell, with the arrow keys too"],
];

type SliderProps = {
  hook: string;
  label: string;
  value: number;
  shown: string;
  min: number;
  max: number;
  step: number;
  input: (value: number) => void;
  done?: () => void;
};

export function Slider({ hook, label, shown, input, done, ...range }: SliderProps) {
  return (
    <label class="nw-slider">
      <span>{label}</span>
      <input
        type="range"
        data-nw={hook}
        aria-valuetext={shown}
        {...range}
        onInput={(event) => input(event.currentTarget.valueAsNumber)}
        onChange={() => done?.()}
      />
      <span class="nw-number">{shown}</span>
    </label>
  );
}

/** Key, words, how its value is shown, least, most, step. */
type Knob = [keyof Edit, string, (value: number) => string, number, number, number];
const KNOBS: Knob[] = [
  ["zoom", "Zoom", (value) => `${value.toFixed(2)} ×`, 0.25, 8, 0.05],
  ["turn", "Turn", (value) => `${value}°`.replace("-", "−"), -180, 180, 1],
  ["light", "Brightness", (value) => `${Math.round(100 * value)} %`, 0, 3, 0.05],
  ["blur", "Blur", (value) => `${(100 * value).toFixed(1)} %`, 0, 0.1, 0.002],
];

export function Tools({ studio, fail }: { studio: Studio; fail: (message: string) => void }) {
  const { past, future, now } = studio.history.value;
  const tool = studio.tool.value;
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
              studio.tool.value = name;
            }}
          >
            {words}
          </button>
        ))}
      </Row>
      <Row label="Brush">
        <Slider
          hook="brush-size"
          label="Brush"
          min={0.01}
          max={0.5}
          step={0.01}
          value={studio.size.value}
          shown={`${Math.round(100 * studio.size.value)} %`}
          input={(value) => {
            studio.size.value = value;
            if (tool !== "erase") studio.tool.value = "paint";
          }}
        />
        <input
          type="color"
          data-nw="brush-colour"
          aria-label="Colour of the brush"
          title="Colour of the brush; Alt and a click in the picture takes it from there"
          value={hex(studio.colour.value)}
          onInput={(event) => {
            studio.colour.value = colourOf(event.currentTarget.value);
            studio.tool.value = "paint";
          }}
        />
      </Row>
      {KNOBS.map(([key, label, show, min, max, step]) => (
        <Slider
          key={key}
          {...{ hook: key, label, min, max, step }}
          value={now.edit[key] as number}
          shown={show(now.edit[key] as number)}
          input={(value) => studio.change({ [key]: value }, key)}
          done={studio.settle}
        />
      ))}
      <Row label="Steps">
        {press("undo", "Undo", "Undo (Ctrl Z in the picture)", () => studio.travel(undo), past.length === 0)}
        {press("redo", "Redo", "Redo (Ctrl Shift Z)", () => studio.travel(redo), future.length === 0)}
        {press(
          "reset",
          "Reset",
          "Back to the picture as it was picked",
          () => studio.change(UNTOUCHED),
          now.edit === UNTOUCHED,
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
            if (chosen) void openFile(studio, chosen, fail);
            event.currentTarget.value = "";
          }}
        />
      </Row>
    </>
  );
}

function Row({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row everywhere.
    <div class="nw-row" role="group" aria-label={label}>
      {children}
    </div>
  );
}

export async function openFile(studio: Studio, file: File, fail: (message: string) => void): Promise<void> {
  const picture = await pictureOf(file);
  fail(picture ? "" : `“${file.name}” is not an image this browser can read: try PNG or JPEG.`);
  if (picture) studio.open(picture);
}

const hex = (colour: Colour) => `#${colour.map((part) => part.toString(16).padStart(2, "0")).join("")}`;

function colourOf(text: string): Colour {
  const packed = Number.parseInt(text.slice(1), 16);
  return [packed >> 16, (packed >> 8) & 255, packed & 255];
}
