/** Explorers of pictures and tables over the real session, with the kernel played by the test. */
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ArrayWriter, decode, emptyFrame, type Patch, patched, view } from "../../fakes/frame-writer.ts";
import { Host } from "../../fakes/host.ts";
import { ALL, ALL_PANELS } from "../../fakes/panels.ts";
import { ImageExplorer } from "../../src/kinds/image/explorer.tsx";
import { TableExplorer } from "../../src/kinds/table/explorer.tsx";
import type { TableInfo } from "../../src/kinds/table/input.ts";
import { colourOf } from "../../src/paint/scale.ts";
import { sweepOf } from "../../src/panels/sweep/wire.ts";
import { pinGrid, pinValues } from "../../src/panels/trace/wire.ts";
import { LiveSession } from "../../src/session/live-session.ts";
import { readSnapshot, takeSnapshot } from "../../src/session/snapshot.ts";
import type { Frame } from "../../src/wire/frame.ts";
import type { Picture, Row } from "../../src/wire/inputs.ts";
import type { Ask } from "../../src/wire/protocol.ts";
import type { Traits } from "../../src/wire/traits.ts";

const PICTURE: Picture = { width: 4, height: 4, rgb: new Uint8Array(48).map((_, i) => (5 * i) % 256) };
const TABLE: TableInfo = {
  kind: "table",
  columns: [
    { name: "radius", kind: "number", low: 0, high: 10, histogram: [1, 2], step: 0.5 },
    { name: "side", kind: "category", values: ["left", "right"] },
  ],
  classes: ["ill", "well"],
  rows: 3,
};
const scale = { lo: 0, hi: 2, mode: "linear", knee: 1, signed: false, pinned: false } as const;
const ROW: Row = { radius: 2, side: "left" };

let root: HTMLElement;
let host: Host;
let life: AbortController;

beforeEach(() => {
  vi.useFakeTimers();
  root = document.createElement("div");
  root.className = "nw-root";
  document.body.append(root);
  life = new AbortController();
});

afterEach(() => {
  act(() => render(null, root));
  life.abort();
  root.remove();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function open(kind: "image" | "table", traits: Partial<Traits> = {}): void {
  const input =
    kind === "image" ? { kind, width: 4, height: 4, channels: 3, classes: ["a", "b"], gallery: 2 } : TABLE;
  host = new Host({ layout_kind: "explorer", input: kind === "image" ? PICTURE : ROW, ...traits });
  host.traits.catalog = { ...(host.traits.catalog as object), input };
  const session = new LiveSession(host, life.signal, ALL).show(root, life.signal);
  const View = kind === "image" ? ImageExplorer : TableExplorer;
  act(() => render(<View session={session} />, root));
  host.kernel({ kind: "ready" });
  act(() => void vi.advanceTimersByTime(200));
}

/** Every element is a square of 100 pixels: this page lays nothing out. */
function layOut(): void {
  const box = { left: 0, top: 0, width: 100, height: 100 } as DOMRect;
  vi.spyOn(HTMLElement.prototype, "getBoundingClientRect").mockReturnValue(box);
}

/** Opens a picture and shifts it by a pixel; the bytes that the kernel is then asked about. */
function openShifted(): Uint8Array {
  open("image");
  answer();
  key(find("[data-nw=picture]"), "ArrowRight");
  return lastBytes();
}

/** A frame on a 2 × 2 grid (flat for tables), with the arrays that were asked for. */
function answer(patch: Patch = {}): void {
  const ask = host.lastAsk();
  const { message, buffers } = frameOf(ask, patch);
  act(() => host.kernel(message, buffers));
}

function frameOf(ask: Ask, patch: Patch = {}) {
  const out = new ArrayWriter();
  const grid: [number, number] | null = ask.input.kind === "image" ? [2, 2] : null;
  out.add("trace.unit", grid ? Float32Array.of(0, 0.5, 1, 2) : Float32Array.of(1.5), [grid ? 4 : 1]);
  const { tiles, sweep, classes } = ask.parts;
  if (tiles && grid) {
    out.add("tiles.cells", Uint8Array.of(3, 9, 99, 255, 3, 3, 3, 40), [2, 2, 2]);
    out.add("tiles.units", Int32Array.of(7, 3), [2]);
    out.add("tiles.values", Float32Array.of(2, 0.5), [2]);
  }
  if (grid) out.add("input.seen", new Uint8Array(12), [2, 2, 3]);
  if (sweep) {
    out.add("sweep.unit", Float32Array.of(0, 1, 2), [3]);
    if (ask.pins.length > 0) {
      const lines = ask.pins.flatMap((_, i) => [i, -i - 2, 0.5]);
      out.add("sweep.pins", Float32Array.from(lines), [ask.pins.length, 3]);
    }
    out.add("sweep.classes", Float32Array.of(0, 1, 0.5, 0.5, 1, 0), [3, 2]);
  }
  const message = emptyFrame({ seq: ask.seq, unit: "mlp.0:3" }, out.arrays, { kind: ask.input.kind });
  message.parts = {
    trace: { scale, pinScales: [], grid },
    ...(tiles && grid && { tiles: {} }),
    ...(classes && { classes: { names: ["a", "b"], probabilities: [0.25, 0.75] } }),
    ...(sweep && { sweep: { column: sweep.column, xs: [0, 5, 10] } }),
  };
  return { message: patched(message, patch), buffers: out.buffers };
}

const all = (selector: string) => [...root.querySelectorAll<HTMLElement>(selector)];
function find<T extends HTMLElement>(selector: string): T {
  const node = root.querySelector<T>(selector);
  if (!node) throw new Error(`nothing is called ${selector}`);
  return node;
}
const click = (node: HTMLElement) =>
  act(() => void node.dispatchEvent(new MouseEvent("click", { bubbles: true })));
const key = (node: HTMLElement, name: string, more: KeyboardEventInit = {}) =>
  act(
    () =>
      void node.dispatchEvent(
        new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...more }),
      ),
  );
function enter(node: HTMLInputElement | HTMLSelectElement, value: string, kind = "input"): void {
  act(() => {
    node.value = value;
    node.dispatchEvent(new Event(kind, { bubbles: true }));
  });
}
const lastBytes = () => new Uint8Array(host.buffers.at(-1)![0]!);

describe("a picture", () => {
  test("is asked about with its pixels, its classes and its strongest units", () => {
    open("image");
    const ask = host.lastAsk();
    expect(ask).toMatchObject({ input: { kind: "image", width: 4, height: 4 }, parts: { classes: {} } });
    expect(ask.parts.tiles!.count).toBeGreaterThan(0);
    expect(ask.changes).toEqual({});
    expect(lastBytes()).toEqual(PICTURE.rgb);
  });

  test("shifted by a key it is asked about anew, and undone it is the very same again", () => {
    const moved = openShifted();
    expect(host.lastAsk().changes.input).toEqual({ width: 4, height: 4 });
    // The second pixel is now what the first was.
    expect(moved.slice(3, 6)).toEqual(PICTURE.rgb.slice(0, 3));
    answer();
    key(find("[data-nw=picture]"), "z", { ctrlKey: true });
    expect(lastBytes()).toEqual(PICTURE.rgb);
    answer();
    key(find("[data-nw=picture]"), "z", { ctrlKey: true, shiftKey: true });
    expect(lastBytes()).toEqual(moved);
  });

  test("a brush by keys paints where it stands; reset takes everything back", () => {
    open("image");
    answer();
    click(find("[data-nw=tool-paint]"));
    enter(find("[data-nw=brush-colour]"), "#ff0080");
    enter(find("[data-nw=brush-size]"), "0.5");
    key(find("[data-nw=picture]"), " ");
    const [corner, middle] = [0, 3 * (1 * 4 + 1)];
    expect(lastBytes()[corner]).toBe(PICTURE.rgb[corner]);
    expect(lastBytes()[middle]).toBeGreaterThan(200);
    expect(find<HTMLButtonElement>("[data-nw=undo]").disabled).toBe(false);
    answer();
    click(find("[data-nw=reset]"));
    expect(lastBytes()).toEqual(PICTURE.rgb);
  });

  test("erased is what was in the picture, and what was painted: both become background", () => {
    const grey = { ...PICTURE, rgb: PICTURE.rgb.map((_, i) => (i >= 15 && i < 18 ? 250 : 40)) };
    open("image", { input: grey });
    answer();
    click(find("[data-nw=tool-paint]"));
    enter(find("[data-nw=brush-colour]"), "#ff0080");
    key(find("[data-nw=picture]"), " ");
    answer();
    click(find("[data-nw=tool-erase]"));
    enter(find("[data-nw=brush-size]"), "0.5");
    key(find("[data-nw=picture]"), " ");
    // Four fifths of the pixel lie under the brush.
    expect(lastBytes()[15]).toBeLessThan(90);
    answer();
    click(find("[data-nw=undo]"));
    expect(lastBytes()[15]).toBeGreaterThan(200);
  });

  test("one drag of a slider is undone at once", () => {
    open("image");
    answer();
    const light = find<HTMLInputElement>("[data-nw=light]");
    for (const value of ["1.2", "1.5", "2"]) enter(light, value);
    act(() => void light.dispatchEvent(new Event("change", { bubbles: true })));
    expect(find<HTMLInputElement>("[data-nw=light]").value).toBe("2");
    click(find("[data-nw=undo]"));
    expect(find<HTMLInputElement>("[data-nw=light]").value).toBe("1");
    expect(find<HTMLButtonElement>("[data-nw=undo]").disabled).toBe(true);
  });

  test("classes show what they were before the edits, and the picture that Python sets is a new beginning", () => {
    open("image");
    answer();
    expect(all("[data-nw=classes] li .nw-was")).toHaveLength(2);
    key(find("[data-nw=picture]"), "ArrowDown");
    answer({ parts: { classes: { names: ["a", "b"], probabilities: [0.9, 0.1] } } });
    const [first] = all("[data-nw=classes] li");
    expect(first!.textContent).toContain("90 %");
    expect(first!.textContent).toContain("before 25 %");
    const other = { ...PICTURE, rgb: PICTURE.rgb.slice().reverse() };
    act(() => host.python("input", other));
    act(() => void vi.advanceTimersByTime(500));
    expect(lastBytes()).toEqual(other.rgb);
    expect(host.lastAsk().changes).toEqual({});
    expect(all("[data-nw=classes] li .nw-was")).toHaveLength(0);
    answer();
    expect(all("[data-nw=classes] li")[0]!.textContent).toContain("before 25 %");
  });

  test("what is framed is seen at once, and kept when another tool is taken", () => {
    open("image");
    answer();
    layOut();
    click(find("[data-nw=tool-crop]"));
    const point = (node: HTMLElement, kind: string, x: number, y: number) =>
      act(() => void node.dispatchEvent(new PointerEvent(kind, { clientX: x, clientY: y, bubbles: true })));
    const layer = find("[data-nw=crop]");
    point(layer, "pointerdown", 50, 0);
    point(layer, "pointermove", 52, 2);
    expect(all("[data-nw=crop-part]")).toHaveLength(0);
    point(layer, "pointermove", 96, 48);
    // Whole pixels, and the kernel is asked before anything is applied.
    expect(find("[data-nw=crop-part]").style.cssText).toContain(
      "left: 50%; top: 0%; width: 50%; height: 50%",
    );
    const corner = (bytes: Uint8Array) => Array.from(bytes.slice(0, 3));
    expect(corner(lastBytes())).toEqual(Array.from(PICTURE.rgb.slice(6, 9)));
    expect(find("[data-nw=crop-words]").textContent).toContain("2 × 2 pixels");
    point(layer, "pointerup", 96, 48);
    expect(find("[data-nw=said]").textContent).toContain("50 % from the left");
    answer();
    // Held inside it is moved.
    point(find("[data-nw=crop-part]"), "pointerdown", 60, 10);
    point(layer, "pointermove", 60, 60);
    point(layer, "pointerup", 60, 60);
    expect(corner(lastBytes())).toEqual(Array.from(PICTURE.rgb.slice(3 * 10, 3 * 10 + 3)));
    const framed = lastBytes();
    click(find("[data-nw=tool-paint]"));
    expect(all("[data-nw=crop]")).toHaveLength(0);
    expect(find("[data-nw=said]").textContent).toContain("Cropped to 2 × 2 pixels");
    answer();
    expect(lastBytes()).toEqual(framed);
    key(find("[data-nw=picture]"), "z", { ctrlKey: true });
    expect(lastBytes()).toEqual(PICTURE.rgb);
  });

  test("a crop by keys: framed, sized, moved, cancelled, applied, taken back", () => {
    open("image");
    answer();
    click(find("[data-nw=tool-crop]"));
    const picture = find("[data-nw=picture]");
    expect(find<HTMLButtonElement>("[data-nw=crop-apply]").disabled).toBe(true);
    key(picture, "ArrowLeft");
    expect(find("[data-nw=crop-words]").textContent).toContain("3 × 3 pixels");
    key(picture, "ArrowLeft", { shiftKey: true });
    key(picture, "ArrowDown");
    key(picture, "ArrowDown");
    expect(find("[data-nw=crop-part]").style.cssText).toContain(
      "left: 25%; top: 50%; width: 50%; height: 50%",
    );
    expect(find("[data-nw=said]").textContent).toBe("2 × 2 pixels, 25 % from the left, 50 % from the top.");
    answer();
    key(picture, "Escape");
    answer();
    expect(lastBytes()).toEqual(PICTURE.rgb);
    expect(find("[data-nw=said]").textContent).toBe("Not cropped.");
    expect(find<HTMLButtonElement>("[data-nw=undo]").disabled).toBe(true);
    answer();
    click(find("[data-nw=tool-crop]"));
    key(picture, "ArrowUp");
    key(picture, "ArrowRight");
    key(picture, "Enter");
    answer();
    expect(lastBytes().slice(0, 3)).not.toEqual(PICTURE.rgb.slice(0, 3));
    expect(find("[data-nw=tool-move]").getAttribute("aria-pressed")).toBe("true");
    click(find("[data-nw=tool-crop]"));
    click(find("[data-nw=uncrop]"));
    answer();
    expect(lastBytes()).toEqual(PICTURE.rgb);
  });

  test("undo takes a frame away before it goes back, and a pick takes it away too", () => {
    const shifted = openShifted();
    answer();
    click(find("[data-nw=tool-crop]"));
    key(find("[data-nw=picture]"), "ArrowRight");
    answer();
    expect(lastBytes()).not.toEqual(shifted);
    click(find("[data-nw=undo]"));
    answer();
    expect(lastBytes()).toEqual(shifted);
    key(find("[data-nw=picture]"), "ArrowRight");
    answer();
    act(() => host.python("input", { ...PICTURE, rgb: PICTURE.rgb.slice().reverse() }));
    expect(all("[data-nw=crop-part]")).toHaveLength(0);
    expect(lastBytes()).toEqual(PICTURE.rgb.slice().reverse());
  });

  test("a part of any proportions, until it has to fill the frame", () => {
    open("image");
    answer();
    click(find("[data-nw=tool-crop]"));
    const fill = find<HTMLInputElement>("[data-nw=crop-alike]");
    click(fill);
    key(find("[data-nw=picture]"), "ArrowRight");
    key(find("[data-nw=picture]"), "ArrowUp", { shiftKey: true });
    expect(find("[data-nw=crop-words]").textContent).toContain("3 × 2 pixels, scaled to fit");
    click(fill);
    expect(find("[data-nw=crop-words]").textContent).toContain("2 × 2 pixels, scaled to the whole frame");
  });

  test("tiles come strongest first and choose their unit", () => {
    open("image");
    answer();
    const tiles = all("[data-nw=tiles] [data-unit]");
    expect(tiles.map((tile) => tile.dataset.unit)).toEqual(["mlp.0:7", "mlp.0:3"]);
    click(tiles[0]!);
    expect(host.lastAsk().unit).toBe("mlp.0:7");
    expect(host.lastAsk().changes.unit).toBe("mlp.0:7");
  });

  test("the gallery is asked for once and picks in Python", () => {
    open("image");
    expect(host.kinds().filter((kind) => kind === "gallery")).toHaveLength(1);
    const items = [
      { label: "one", width: 1, height: 1 },
      { label: "two", width: 1, height: 2 },
      { label: "broken", width: 9, height: 9 },
    ];
    act(() =>
      host.kernel({ kind: "gallery", items }, [
        view(new Uint8Array(3)),
        view(new Uint8Array(6)),
        view(new Uint8Array(3)),
      ]),
    );
    const options = all("[data-nw=gallery] [role=option]");
    expect(options.map((option) => option.textContent)).toEqual(["one", "two"]);
    click(options[1]!);
    expect(host.sent.at(-1)).toMatchObject({ kind: "pick", index: 1 });
    expect(options[1]!.getAttribute("aria-selected")).toBe("true");
  });

  test("the gallery marks the picture that is the input, whoever chose it, and none once it is changed", () => {
    open("image");
    const [white, black] = [new Uint8Array(48).fill(255), new Uint8Array(48)];
    const whole = { width: 4, height: 4 };
    const items = [
      { label: "white", ...whole },
      { label: "black", ...whole },
      { label: "large, shown small", width: 1, height: 1 },
    ];
    act(() => host.kernel({ kind: "gallery", items }, [view(white), view(black), view(new Uint8Array(3))]));
    const marked = () =>
      all("[data-nw=gallery] [aria-selected=true]").map((option) => option.getAttribute("aria-label"));
    const becomes = (rgb: Uint8Array, size: object = whole) =>
      act(() => host.python("input", { ...size, rgb }));
    becomes(black);
    expect(marked()).toEqual(["Picture 1: black"]);
    click(all("[data-nw=gallery] [role=option]")[0]!);
    expect(marked()).toEqual(["Picture 0: white"]);
    becomes(white);
    expect(marked()).toEqual(["Picture 0: white"]);
    becomes(black.map((_, i) => i));
    expect(marked()).toEqual([]);
    click(all("[data-nw=gallery] [role=option]")[2]!);
    becomes(new Uint8Array(108).fill(9), { width: 6, height: 6 });
    expect(marked()).toEqual(["Picture 2: large, shown small"]);
    becomes(new Uint8Array(108).fill(8), { width: 6, height: 6 });
    expect(marked()).toEqual([]);
  });

  test("an edit that waits for its turn does not undo a pick that came after it", () => {
    open("image");
    // The first question is still open, so the edit waits.
    key(find("[data-nw=picture]"), "ArrowRight");
    const items = [{ label: "one", width: 1, height: 1 }];
    act(() => host.kernel({ kind: "gallery", items }, [view(new Uint8Array(3))]));
    click(find("[data-nw=gallery] [role=option]"));
    answer();
    expect(host.asks().some(({ changes }) => changes.input !== undefined)).toBe(false);
  });

  test("pointing asks for the field of the cell, and frames it", () => {
    layOut();
    open("image");
    answer();
    const point = new PointerEvent("pointermove", { clientX: 75, clientY: 25, bubbles: true });
    act(() => void find("[data-nw=picture]").dispatchEvent(point));
    const probe = host.sent.at(-1) as { seq: number };
    expect(probe).toMatchObject({ kind: "probe", where: "unit", x: 1, y: 0, of: host.lastAsk().seq });
    act(() =>
      host.kernel({
        kind: "probe",
        seq: probe.seq,
        unit: "mlp.0:3",
        token: 1,
        value: 0.5,
        units: 1,
        tokens: 1,
        box: [1, 0, 2, 1],
      }),
    );
    expect(find("[data-nw=tooltip]").textContent).toContain("0.5");
    const { left, width } = find("[data-nw=box]").style;
    expect([left, width]).toEqual(["50%", "50%"]);
  });

  test("without a grid it says where the maps are", () => {
    open("image");
    answer({ parts: { trace: { scale: null, pinScales: [], grid: null } } });
    expect(find("[data-nw=tiles]").textContent).toContain("no places in the picture");
  });
});

describe("a row", () => {
  test("is asked about with its classes and the sweep of its first column", () => {
    open("table");
    const ask = host.lastAsk();
    expect(ask).toMatchObject({
      input: { kind: "table", row: ROW },
      parts: { classes: {}, sweep: { column: "radius" } },
    });
    expect(ask.parts.tiles).toBeUndefined();
    expect(host.buffers.at(-1)).toBe(undefined);
  });

  test("sliders, numbers and lists change it; reset puts back what Python gave", () => {
    open("table");
    answer();
    enter(find<HTMLInputElement>("[data-column=radius] input[type=range]"), "7.5");
    expect(host.lastAsk().changes.input).toEqual({ radius: 7.5, side: "left" });
    answer();
    enter(find<HTMLInputElement>("[data-column=radius] input[type=number]"), "12", "change");
    expect((host.lastAsk().input as { row: Row }).row).toEqual({ radius: 12, side: "left" });
    answer();
    enter(find<HTMLSelectElement>("[data-column=side] select"), "right", "change");
    answer();
    expect((host.lastAsk().input as { row: Row }).row).toEqual({ radius: 12, side: "right" });
    click(find("[data-nw=reset]"));
    expect((host.lastAsk().input as { row: Row }).row).toEqual(ROW);
    expect(find<HTMLButtonElement>("[data-nw=reset]").disabled).toBe(true);
  });

  test("what is no number changes nothing", () => {
    open("table");
    answer();
    const before = host.asks().length;
    enter(find<HTMLInputElement>("[data-column=radius] input[type=number]"), "", "change");
    expect(host.asks()).toHaveLength(before);
  });

  test("the column that is touched is swept, and the present value is told", () => {
    open("table");
    answer();
    expect(find("[data-nw=sweep]").dataset.column).toBe("radius");
    // At 2 of 0…10 the unit's line from 0 over 1 to 2 stands at 0.4.
    expect(find(".nw-chart-key").textContent).toContain("0.4");
    act(() => void find("[data-column=side]").dispatchEvent(new FocusEvent("focusin", { bubbles: true })));
    expect(host.lastAsk().parts.sweep).toMatchObject({ column: "side" });
    expect(find("[data-nw=sweep]").className).toContain("nw-old");
  });

  test("an example row is picked, stepped through, and forgotten when Python gives another row", () => {
    open("table");
    const picker = find<HTMLSelectElement>("[data-nw=rows]");
    expect([...picker.options].map(({ text }) => text)).toEqual(["example rows", "row 0", "row 1", "row 2"]);
    picker.value = "1";
    act(() => void picker.dispatchEvent(new Event("change", { bubbles: true })));
    expect(host.sent.at(-1)).toMatchObject({ kind: "pick", index: 1 });
    act(() => host.python("input", { radius: 4, side: "right" }));
    expect(find<HTMLSelectElement>("[data-nw=rows]").value).toBe("1");
    click(find("[aria-label='The next example']"));
    expect(host.sent.at(-1)).toMatchObject({ kind: "pick", index: 2 });
    expect(find<HTMLButtonElement>("[aria-label='The next example']").disabled).toBe(true);
    act(() => host.python("input", { radius: 5, side: "right" }));
    act(() => host.python("input", { radius: 6, side: "left" }));
    expect(find<HTMLSelectElement>("[data-nw=rows]").value).toBe("-1");
  });

  test("names of units stand in the sweep and below the maps", () => {
    open("table", { labels: { "mlp.0:3": "age" } });
    answer();
    expect(all("[data-nw=sweep] .nw-called").map((node) => node.textContent)).toEqual(["age"]);
    expect(find("[data-nw=sweep] .nw-chart > svg").getAttribute("aria-label")).toContain("mlp.0:3, age");
    act(() => render(null, root));
    open("image", {
      labels: { "mlp.0:7": "corner" },
      evidence: { "mlp.0:7": ["corner", "failed", "AP .1."] },
    });
    answer();
    const [first, second] = all("[data-nw=tiles] [data-unit]");
    expect(first!.textContent).toBe("corner 2");
    expect(first!.getAttribute("aria-label")).toBe("mlp.0:7, corner (failed), strongest value 2");
    expect(second!.textContent).toBe(":3 0.5");
  });

  test("bars beside a picture have the colours that its maps have, in a light theme too", () => {
    open("image");
    const { message, buffers } = frameOf(host.lastAsk(), { parts: { top: {} } });
    const spec = { dtype: "i32", name: "top.units", shape: [1] } as const;
    message.arrays.push({ ...spec, shape: [1] }, { dtype: "f32", name: "top.values", shape: [1] });
    const more = [view(Int32Array.of(7)), view(Float32Array.of(2))];
    act(() => host.kernel(message, [...buffers, ...more]));
    const colour = find("[data-nw=units] .nw-bar").style.color.replaceAll(",", "");
    expect(colour).toBe(colourOf(2, scale, true));
    expect(colour).not.toBe(colourOf(2, scale, false));
  });

  test("pinned units are lines in their hues over the sweep, and unpinned there", () => {
    open("table", { pins: ["mlp.0:7", "mlp.1:2"] });
    const pins = host.lastAsk().pins;
    const scale = { lo: 0, hi: 2, mode: "linear", knee: 1, signed: false, pinned: false } as const;
    answer({ head: { pins }, parts: { trace: { scale, pinScales: [scale, scale] } } });
    const keys = all("[data-nw=sweep] [data-line]");
    expect(keys.map((node) => node.dataset.line)).toEqual(["mlp.0:3", "mlp.0:7", "mlp.1:2"]);
    const paths = all("[data-nw=sweep] .nw-chart:first-child > svg > path");
    const hues = paths.map((path) => path.style.stroke);
    expect(new Set(hues).size).toBe(3);
    // The common axis goes from the smallest to the largest of all lines.
    expect(find("[data-nw=sweep] .nw-chart-ends").textContent).toBe("2−3");
    expect(find("[data-nw=sweep] .nw-chart > svg").getAttribute("aria-label")).toContain("mlp.1:2 1 to 0.5");
    click(keys[2]!.querySelector<HTMLElement>("[data-nw=pin]")!);
    answer();
    expect(host.lastAsk().pins).toEqual(["mlp.0:7"]);
  });

  test("a chosen unit that is pinned is one line", () => {
    open("table", { pins: ["mlp.0:3"] });
    const scale = { lo: 0, hi: 2, mode: "linear", knee: 1, signed: false, pinned: false } as const;
    answer({ head: { pins: ["mlp.0:3"] }, parts: { trace: { scale, pinScales: [scale] } } });
    expect(all("[data-nw=sweep] [data-line]")).toHaveLength(1);
  });
});

describe("what is kept and what is refused", () => {
  const kept = (frame: Frame) => readSnapshot(takeSnapshot(frame, ALL_PANELS), ALL_PANELS)!;

  test("a saved picture is what was on the screen", () => {
    open("image");
    const { message, buffers } = frameOf(host.lastAsk());
    const frame = decode(message, buffers, "");
    const read = kept(frame);
    expect(read.arrays).toEqual(frame.arrays);
    expect(read.parts).toEqual(frame.parts);
    expect([...read.arrays.keys()]).toContain("tiles.cells");
    expect(read.parts.classes).toEqual(message.parts.classes);
  });

  test("a saved sweep has its pinned units", () => {
    const pins = ["mlp.0:7", "mlp.1:2"];
    open("table", { pins });
    const { message, buffers } = frameOf(host.lastAsk());
    const trace = { scale, pinScales: [scale, scale] };
    const frame = decode(patched(message, { head: { pins }, parts: { trace } }), buffers, "");
    expect(sweepOf(frame)!.pins.map((line) => [...line])).toEqual([
      [0, -2, 0.5],
      [1, -3, 0.5],
    ]);
    expect(sweepOf(kept(frame))).toEqual(sweepOf(frame));
  });

  test("pins of one grid come together, of several apart", () => {
    open("image");
    const pins = ["mlp.0:1", "mlp.1:2"];
    const { message, buffers } = frameOf(host.lastAsk());
    const trace = { ...message.parts.trace!, pinScales: [scale, scale] };
    const together = { name: "trace.pins", dtype: "f32" as const, shape: [2, 4] };
    const values = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    const one = decode(
      patched(message, { head: { pins }, parts: { trace }, arrays: [...message.arrays, together] }),
      [...buffers, view(values)],
      "",
    );
    expect(pinValues(one).map((pin) => [...pin!])).toEqual([
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ]);
    expect(pinGrid(one, 1)).toEqual([2, 2]);
    const apart = [
      { name: "trace.pin_0", dtype: "f32" as const, shape: [4] },
      { name: "trace.pin_1", dtype: "f32" as const, shape: [1] },
    ];
    const two = decode(
      patched(message, {
        head: { pins },
        parts: { trace: { ...trace, pinGrids: [[2, 2], null] } },
        arrays: [...message.arrays, ...apart],
      }),
      [...buffers, view(values.slice(0, 4)), view(Float32Array.of(9))],
      "",
    );
    expect([pinValues(two)[1], pinGrid(two, 1)]).toEqual([Float32Array.of(9), null]);
  });

  test.each([
    ["a grid of words", { trace: { scale: null, pinScales: [], grid: ["a", "b"] } }],
    ["classes without names", { classes: { probabilities: [1] } }],
    ["a sweep over nothing", { sweep: { column: 3, xs: [] } }],
    ["a scale without ends", { trace: { scale: null, pinScales: [], siteScale: { lo: "x" } } }],
  ])("%s is refused in a sentence", (_, parts) => {
    open("image");
    const { message, buffers } = frameOf(host.lastAsk());
    const refused = { ...message, parts: { ...message.parts, ...parts } };
    expect(() => decode(refused, buffers, "")).toThrow(/header is not readable/);
  });

  test("an input that does not say of which kind it is, is refused in a sentence", () => {
    open("image");
    const { message, buffers } = frameOf(host.lastAsk());
    const refused = { ...message, head: { ...message.head, input: { kind: 7 } } };
    expect(() => decode(refused, buffers, "")).toThrow(/header is not readable/);
  });
});
