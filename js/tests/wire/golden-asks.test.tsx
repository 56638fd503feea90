/**
 * Asks as this page composes them, by kind of input and by what is on the screen. They are kept in tests/golden/asks,
 * where Python's reader must take them; `npx vitest run tests/wire/golden-asks.test.tsx -u` writes them anew.
 */
import { join } from "node:path";
import { act } from "preact/test-utils";
import { expect, test, vi } from "vitest";
import type { Host } from "../../fakes/host.ts";
import { InputKernel } from "../../fakes/input-kernel.ts";
import { patternsInfo } from "../../fakes/results/patterns.ts";
import { TextKernel } from "../../fakes/text-kernel.ts";
import explorer from "../../src/entries/explorer.tsx";
import inputs from "../../src/entries/inputs.tsx";
import results from "../../src/entries/results.tsx";
import text from "../../src/entries/text.tsx";
import type { ViewSettings } from "../../src/wire/protocol.ts";
import { VIEW as SETTINGS } from "../../src/wire/shared.ts";
import { pageLife } from "../page-life.ts";

const VIEW = SETTINGS as ViewSettings;
const FOLDER = join(import.meta.dirname, "../../../tests/golden/asks");

const life = pageLife({ sized: true });

function show(host: Host, widget: ReturnType<typeof text>): HTMLElement {
  const el = life.show(widget, host);
  for (let i = 0; i < 3; i++) act(() => void vi.advanceTimersByTime(100));
  return el;
}

const ofText = (traits: object) => new TextKernel(traits);
/** Each with what a person then does. */
const STATES: Record<
  string,
  { host: () => Host; widget: () => ReturnType<typeof text>; act?(el: Element): void }
> = {
  "text-strip": { host: () => ofText({ layout_kind: "strip", input: "def f(x):" }), widget: text },
  "text-explorer": {
    host: () => ofText({ layout_kind: "explorer", input: "def f(x):", unit: "mlp.2:17", pins: ["mlp.1:40"] }),
    widget: explorer,
  },
  "text-edited": {
    host: () =>
      ofText({
        layout_kind: "explorer",
        input: "def f(x):",
        unit: "mlp.2:17",
        pins: ["mlp.1:40"],
        edits: [
          {
            edit: "clamp",
            unit: "mlp.1:40",
            value: 2.5,
            scope: [3],
            when: { unit: "mlp.2:17", above: 0.5 },
            on: false,
          },
        ],
      }),
    widget: explorer,
    act: (el) => el.querySelector<HTMLElement>("[data-nw=edit-double]")!.click(),
  },
  "text-heatmap": {
    host: () =>
      ofText({
        layout_kind: "heatmap",
        input: "a 🎉\n\u0000 é",
        selection: { token: 2, span: [2, 3] },
        view: { ...VIEW, order: "similarity", hold: true, filter: "3, 17-20", pinned: { "mlp.2": [0, 2.5] } },
      }),
    widget: text,
  },
  "text-closed-overview": {
    host: () =>
      ofText({ layout_kind: "explorer", input: "", view: { ...VIEW, overview: false, mode: "log" } }),
    widget: explorer,
  },
  "text-typed": {
    host: () => ofText({ layout_kind: "strip", input: "ab" }),
    widget: text,
    act(el) {
      const area = el.querySelector("textarea")!;
      area.value = "ab\tc";
      area.dispatchEvent(new Event("input", { bubbles: true }));
    },
  },
  image: { host: () => new InputKernel("image", { size: 8, pins: ["conv.1:4"] }), widget: inputs },
  "image-none": {
    host: () => new InputKernel("image", { input: "", unit: null, gallery: 0 }),
    widget: inputs,
  },
  "image-switched-off": {
    host: () => new InputKernel("image", { size: 8, view: { ...VIEW, compare: "difference" } }),
    widget: inputs,
    act: (el) => el.querySelector<HTMLElement>("[data-nw=edit-off]")!.click(),
  },
  "image-edited": {
    host: () => new InputKernel("image", { size: 8 }),
    widget: inputs,
    act(el) {
      const key = new KeyboardEvent("keydown", { key: "ArrowLeft", bubbles: true, cancelable: true });
      el.querySelector("[data-nw=picture]")!.dispatchEvent(key);
    },
  },
  "image-beside": {
    host: () => new InputKernel("image", { size: 8 }),
    widget: inputs,
    act: (el) => el.querySelector<HTMLElement>("[data-nw=hold-input]")!.click(),
  },
  table: { host: () => new InputKernel("table", { pins: ["dense.1:3"] }), widget: inputs },
  "table-patterns": {
    host: () =>
      new InputKernel("table", { layout_kind: "patterns", patterns_info: patternsInfo("table") } as object),
    widget: results,
  },
  "table-edited": {
    host: () => new InputKernel("table"),
    widget: inputs,
    act(el) {
      const select = el.querySelector<HTMLSelectElement>("[data-column=side] select")!;
      select.value = "right";
      select.dispatchEvent(new Event("change", { bubbles: true }));
    },
  },
};

test.each(Object.entries(STATES))("%s", async (name, { host: open, widget, act: then }) => {
  const host = open();
  const el = show(host, widget());
  if (then) act(() => then(el));
  act(() => void vi.advanceTimersByTime(500));
  const ask = host.lastAsk();
  const buffers = host.buffers.at(-1) ?? [];
  // Questions are numbered by the clock; what is sent to measure the link depends on it.
  const message = { ...ask, seq: 1, pad: 0 };
  const bytes = buffers.map((buffer) => Buffer.from(buffer).toString("base64"));
  const written = `${JSON.stringify({ message, buffers: bytes }, null, 1)}\n`;
  await expect(written).toMatchFileSnapshot(join(FOLDER, `${name}.json`));
});
