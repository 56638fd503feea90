import { describe, expect, test } from "vitest";
import {
  apply,
  begin,
  brushOnSource,
  type Change,
  cellAt,
  changed,
  frameToSource,
  LARGEST,
  onSource,
  redo,
  sizeFor,
  step,
  UNTOUCHED,
  undo,
  workOn,
} from "../../src/kinds/image/editor/change.ts";
import {
  alike,
  cutOut,
  frameAround,
  type Grip,
  grown,
  inWords,
  moved,
  pulled,
  type Rect,
  snapped,
  stepOf,
} from "../../src/kinds/image/editor/crop.ts";
import {
  blur,
  borderColour,
  createRenderer,
  lighten,
  move,
  paintStroke,
} from "../../src/kinds/image/editor/render.ts";
import { overlay } from "../../src/kinds/image/exemplar.tsx";
import { IMAGE_INPUT } from "../../src/kinds/image/input.ts";
import { TABLE_INPUT } from "../../src/kinds/table/input.ts";
import { TEXT_INPUT } from "../../src/kinds/text/input.ts";
import { luminance } from "../../src/paint/colours.ts";
import { mapTable, ofValues, overlayOf } from "../../src/ui/pixels.tsx";
import { isPicture, type Picture, same } from "../../src/wire/inputs.ts";

/** Grey, with values that tell every pixel from its neighbours. */
function picture(
  width: number,
  height: number,
  value = (x: number, y: number) => (37 * x + 91 * y) % 256,
): Picture {
  const rgb = new Uint8Array(3 * width * height);
  for (let i = 0; i < rgb.length; i++) rgb[i] = value(Math.floor(i / 3) % width, Math.floor(i / 3 / width));
  return { width, height, rgb };
}
const grey = ({ rgb }: Picture) => Array.from(rgb).filter((_, i) => i % 3 === 0);
const edited = (source: Picture, change: Partial<Change>) => ({
  ...workOn(source),
  change: { ...UNTOUCHED, ...change },
});

describe("inputs", () => {
  test("a trait is a text, a picture or a row, whatever was saved", () => {
    expect(TEXT_INPUT.read("a\r\nb")).toBe("a\nb");
    const bytes = new Uint8Array(14).subarray(2);
    const read = IMAGE_INPUT.read({ width: 2, height: 2, rgb: new DataView(bytes.buffer, 2, 12) });
    expect(isPicture(read) && read.rgb.length).toBe(12);
    expect(IMAGE_INPUT.read({ width: 3, height: 2, rgb: bytes })).toBe("");
    expect(TABLE_INPUT.read({ radius: 1.5, kind: "a", odd: [1], none: null })).toEqual({
      radius: 1.5,
      kind: "a",
    });
    for (const kind of [TEXT_INPUT, IMAGE_INPUT, TABLE_INPUT]) expect(kind.read(null)).toBe("");
  });
  test("pictures are compared by their bytes", () => {
    expect(same(picture(3, 2), picture(3, 2))).toBe(true);
    expect(same(picture(3, 2), picture(2, 3))).toBe(false);
    expect(same(picture(3, 2), lighten(picture(3, 2), 2))).toBe(false);
    expect(same({ a: 1 }, { a: 1 })).toBe(true);
  });
});

describe("coordinates", () => {
  test("untouched, the frame is the picture", () => {
    const work = workOn(picture(8, 6));
    expect(frameToSource(work).map((x) => x + 0)).toEqual([1, 0, 0, -0 + 0, 1, 0]);
    expect(onSource(work, 0.25, 0.75)).toEqual([0.25, 0.75]);
  });
  test("what was shifted right lies to the left of where it is seen", () => {
    const [u, v] = apply(frameToSource(edited(picture(10, 10), { dx: 0.2 })), 7, 3);
    expect(u).toBeCloseTo(5);
    expect(v).toBeCloseTo(3);
  });
  test("zooming keeps the middle, and the brush its size on the screen", () => {
    const work = edited(picture(10, 10), { zoom: 2 });
    expect(onSource(work, 0.5, 0.5)[0]).toBeCloseTo(0.5);
    expect(onSource(work, 1, 0.5)[0]).toBeCloseTo(0.75);
    expect(brushOnSource(work, 0.1)).toBeCloseTo(0.05);
  });
  test("a quarter turn clockwise brings the left edge to the top", () => {
    const [x, y] = onSource(edited(picture(9, 9), { turn: 90 }), 0.5, 0);
    expect(x).toBeCloseTo(0);
    expect(y).toBeCloseTo(0.5);
  });
  test("a wide picture covers a square frame", () => {
    const work = { ...workOn(picture(20, 10)), width: 10, height: 10 };
    expect(onSource(work, 0, 0)).toEqual([0.25, 0]);
    expect(onSource(work, 1, 1)).toEqual([0.75, 1]);
  });
  test("sizes: never above the limit, comfortable for small models", () => {
    expect(sizeFor({ width: 8, height: 8 })).toEqual({ width: 256, height: 256 });
    expect(sizeFor({ width: 224, height: 224 })).toEqual({ width: 224, height: 224 });
    expect(sizeFor({ width: 2048, height: 1024 })).toEqual({ width: 512, height: 256 });
    expect(workOn(picture(1024, 4)).width).toBe(512);
  });
  test("cells of a grid, edges included", () => {
    expect(cellAt([4, 8], 0.5, 0.25)).toEqual([1, 4]);
    expect(cellAt([4, 8], 1, 1)).toEqual([3, 7]);
    expect(cellAt([4, 8], -1, 0)).toEqual([0, 0]);
  });
});

describe("rendering", () => {
  test("untouched is the very same picture", () => {
    const source = picture(5, 4);
    expect(createRenderer()(workOn(source))).toBe(source);
  });
  test("a shift by whole pixels is exact, and the border goes on outside", () => {
    const source = picture(4, 1, (x) => [9, 20, 30, 9][x]!);
    expect(grey(move(source, edited(source, { dx: 0.25 })))).toEqual([9, 9, 20, 30]);
  });
  test("a half turn is exact", () => {
    const source = picture(4, 4);
    expect(grey(move(source, edited(source, { turn: 180 })))).toEqual(grey(source).reverse());
  });
  test("scaled up, the edge has its own colours and no rim", () => {
    const source = picture(2, 2, (x) => [10, 250][x]!);
    const shown = move(source, { ...workOn(source), width: 4, height: 4 });
    expect(grey(shown).slice(0, 4)).toEqual([10, 70, 190, 250]);
    expect(grey(shown).slice(12)).toEqual([10, 70, 190, 250]);
  });
  test("a mark in one corner is not the colour of the border", () => {
    expect(borderColour(picture(9, 9, (x, y) => (x + y < 3 ? 255 : 10)))).toEqual([10, 10, 10]);
  });
  test("light stops at white", () => {
    expect(
      grey(
        lighten(
          picture(3, 1, (x) => [0, 100, 200][x]!),
          1.5,
        ),
      ),
    ).toEqual([0, 150, 255]);
  });
  test("blur keeps a flat picture, spreads a point evenly, and keeps its sum", () => {
    expect(
      grey(
        blur(
          picture(6, 5, () => 77),
          1.7,
        ),
      ).every((value) => value === 77),
    ).toBe(true);
    const point = blur(
      picture(11, 11, (x, y) => (x === 5 && y === 5 ? 250 : 0)),
      0.6,
    );
    const at = (x: number, y: number) => point.rgb[3 * (y * 11 + x)]!;
    expect(at(4, 5)).toBe(at(6, 5));
    expect(at(5, 4)).toBe(at(4, 5));
    expect(at(5, 5)).toBeGreaterThan(at(4, 5));
    expect(Math.abs(grey(point).reduce((a, b) => a + b) - 250)).toBeLessThan(15);
  });
  test("a brush covers its disc, its soft edge only in part, and nothing else", () => {
    const source = picture(9, 9, () => 0);
    const rgb = source.rgb.slice();
    paintStroke(rgb, source, { points: [0.5, 0.5], size: 4 / 9, colour: [200, 100, 50] });
    const at = (x: number, y: number) => Array.from(rgb.subarray(3 * (9 * y + x), 3 * (9 * y + x) + 3));
    expect(at(4, 4)).toEqual([200, 100, 50]);
    expect(at(6, 4)).toEqual([100, 50, 25]);
    expect(at(7, 4)).toEqual([0, 0, 0]);
  });
  test("a line is as wide everywhere", () => {
    const source = picture(16, 8);
    const render = createRenderer();
    const line = { points: [0, 0.5, 1, 0.5], size: 0.25, colour: [1, 2, 3] as const };
    const painted = render(edited(source, { strokes: [line] }));
    expect(Array.from(painted.rgb.subarray(3 * 16 * 4, 3 * 16 * 4 + 48))).toEqual(
      Array(16).fill([1, 2, 3]).flat(),
    );
  });
  test("a stroke that grows ends as if it had been painted at once", () => {
    const source = picture(12, 12);
    const render = createRenderer();
    const whole = { points: [0.1, 0.1, 0.6, 0.2, 0.4, 0.9], size: 0.1, colour: [250, 0, 0] as const };
    for (const length of [2, 4, 6]) {
      render(edited(source, { strokes: [{ ...whole, points: whole.points.slice(0, length) }] }));
    }
    const grown = render(edited(source, { strokes: [whole] }));
    expect(grown.rgb).toEqual(createRenderer()(edited(source, { strokes: [whole] })).rgb);
    // And what was undone is gone.
    const other = { ...whole, points: [0.9, 0.9] };
    const after = render(edited(source, { strokes: [other] }));
    expect(after.rgb).toEqual(createRenderer()(edited(source, { strokes: [other] })).rgb);
  });
});

const rect = (left: number, top: number, right: number, bottom: number): Rect => [
  [left, right],
  [top, bottom],
];
const close = (one: Rect, other: Rect) =>
  one.flat().forEach((value, i) => void expect(value).toBeCloseTo(other.flat()[i]!));

describe("the frame of a crop", () => {
  const half = rect(0.25, 0.25, 0.75, 0.75);
  test("moved, it stays as large as it is, and in the picture", () => {
    close(moved(half, [0.1, -0.2]), rect(0.35, 0.05, 0.85, 0.55));
    close(moved(half, [5, -5]), rect(0.5, 0, 1, 0.5));
  });
  test("a side moves alone, a corner both of its sides, up to the border and past the other side", () => {
    close(pulled(half, [1, 0], [0.1, 0.3], false), rect(0.25, 0.25, 0.85, 0.75));
    close(pulled(half, [-1, -1], [-0.5, 0.1], false), rect(0, 0.35, 0.75, 0.75));
    close(pulled(half, [0, 1], [0, -0.7], false), rect(0.25, 0.05, 0.75, 0.25));
  });
  test("of the frame's proportions, whatever is pulled, and never out of the picture", () => {
    close(pulled(half, [1, 1], [0.1, 0.2], true), rect(0.25, 0.25, 0.95, 0.95));
    close(pulled(half, [1, 0], [0.1, 0], true), rect(0.25, 0.2, 0.85, 0.8));
    close(pulled(rect(0.5, 0, 0.75, 0.25), [-1, 0], [-0.5, 0], true), rect(0.5, 0, 0.75, 0.25));
    close(pulled(rect(0.4, 0.4, 0.4, 0.4), [1, 1], [-0.9, -0.1], true), rect(0, 0, 0.4, 0.4));
    const grips: Grip[] = [
      [-1, -1],
      [0, 1],
      [1, -1],
    ];
    for (const grip of grips) {
      for (const by of [-0.9, -0.3, 0.01, 0.4, 2]) {
        const [x, y] = pulled(half, grip, [by, by / 2], true);
        expect(x[1] - x[0]).toBeCloseTo(y[1] - y[0]);
        for (const end of [...x, ...y]) expect(Math.abs(end - 0.5)).toBeLessThan(0.5 + 1e-9);
      }
    }
  });
  test("by keys it grows to the right and down, and the other way at the border", () => {
    close(grown(half, [0.1, 0], false), rect(0.25, 0.25, 0.85, 0.75));
    close(grown(half, [0, -0.1], true), rect(0.25, 0.25, 0.65, 0.65));
    close(grown(rect(0.5, 0.5, 1, 1), [0, 0.1], true), rect(0.4, 0.4, 1, 1));
    close(grown(half, [0, 5], true), rect(0, 0, 1, 1));
  });
  test("it lies on whole pixels, and is never nothing", () => {
    const work = workOn(picture(8, 8));
    close(snapped(work, rect(0.2, 0.3, 0.7, 0.8)), rect(0.25, 0.25, 0.75, 0.75));
    close(snapped(work, rect(0.95, 0.5, 0.96, 0.5)), rect(0.875, 0.5, 1, 0.625));
    const small = snapped(workOn(picture(400, 400)), rect(1, 1, 1, 1));
    expect(small[0][1] - small[0][0]).toBeCloseTo(0.04);
    // Zoomed, the pixels lie elsewhere.
    close(
      snapped(edited(picture(8, 8), { zoom: 2 }), rect(0.3, 0.3, 0.7, 0.7)),
      rect(0.25, 0.25, 0.75, 0.75),
    );
    const turned = edited(picture(8, 8), { turn: 20 });
    close(snapped(turned, rect(0.2, 0.3, 0.7, 0.8)), rect(0.2, 0.3, 0.7, 0.8));
  });
  test("one key moves it by what can be seen, and by a pixel at least", () => {
    expect(stepOf(workOn(picture(400, 400)))).toEqual([0.02, 0.02]);
    const few = { ...workOn(picture(8, 8)), width: 256, height: 256 };
    const by = stepOf(few);
    close(snapped(few, moved(rect(0.25, 0.25, 0.5, 0.5), by)), rect(0.375, 0.375, 0.625, 0.625));
  });
  test("the largest of the frame's proportions that lies in it", () => {
    close(alike(rect(0, 0.2, 0.8, 0.4)), rect(0.3, 0.2, 0.5, 0.4));
  });
  test("is told in words", () => {
    expect(inWords(workOn(picture(8, 8)), half)).toBe("4 × 4 pixels, 25 % from the left, 25 % from the top");
  });
});

describe("cropping", () => {
  const quarter = rect(0.5, 0, 1, 0.5);
  test("only the part is left, and fills the frame", () => {
    const source = picture(8, 8, (x, y) => (x >= 4 && y < 4 ? 200 : 10));
    const shown = createRenderer()(cutOut(workOn(source), quarter, true));
    expect([shown.width, shown.height]).toEqual([8, 8]);
    expect(new Set(shown.rgb)).toEqual(new Set([200]));
  });
  test("upright and on pixels it loses nothing", () => {
    const source = picture(8, 8);
    const work = cutOut(workOn(source), quarter, true);
    const alone = createRenderer()({ ...work, width: 4, height: 4 });
    const expected = picture(4, 4, (x, y) => (37 * (x + 4) + 91 * y) % 256);
    expect(grey(alone)).toEqual(grey(expected));
  });
  test("it is what the frame showed, however that was moved, and begins anew", () => {
    const before = edited(picture(40, 40), { turn: 30, zoom: 1.5, dx: 0.1 });
    const part = rect(0.2, 0.4, 0.6, 0.8);
    const after = cutOut(before, part, true);
    const { parts, ...rest } = after.change;
    expect(parts).toHaveLength(1);
    expect({ ...rest, parts: [] }).toEqual(UNTOUCHED);
    for (const [x, y] of [
      [0, 0],
      [0.3, 0.9],
      [1, 1],
    ] as const) {
      const [u, v] = onSource(before, 0.2 + 0.4 * x, 0.4 + 0.4 * y);
      expect(onSource(after, x, y)[0]).toBeCloseTo(u);
      expect(onSource(after, x, y)[1]).toBeCloseTo(v);
    }
    expect(brushOnSource(after, 0.1)).toBeCloseTo(0.4 * brushOnSource(before, 0.1));
  });
  test("cut twice is cut once to the smaller part", () => {
    const source = picture(16, 16);
    const twice = cutOut(cutOut(workOn(source), quarter, true), rect(0, 0.5, 0.5, 1), true);
    const once = cutOut(workOn(source), rect(0.5, 0.25, 0.75, 0.5), true);
    expect(createRenderer()(twice).rgb).toEqual(createRenderer()(once).rgb);
  });
  test("what was cut away does not come back by a shift", () => {
    const source = picture(8, 8, (x, y) => (x >= 4 && y < 4 ? 200 : 10));
    const { change, ...work } = cutOut(workOn(source), quarter, true);
    const shown = createRenderer()({ ...work, change: { ...change, dx: 0.5, turn: 45 } });
    expect(new Set(shown.rgb)).toEqual(new Set([200]));
  });
  test("a part of other proportions is whole, with the colour of its border beside it", () => {
    const source = picture(8, 8, (x, y) => (y === 3 || y === 4 ? (x === 3 ? 250 : 90) : 10));
    const work = cutOut(workOn(source), rect(0, 3 / 8, 1, 5 / 8), false);
    expect(work.change.parts[0]).toMatchObject({ width: 8, height: 2, fills: false });
    const rows = createRenderer()(work);
    const row = (y: number) => grey(rows).slice(8 * y, 8 * y + 8);
    for (const y of [0, 1, 2, 5, 6, 7]) expect(row(y)).toEqual(Array(8).fill(90));
    for (const y of [3, 4]) expect(row(y)).toEqual([90, 90, 90, 250, 90, 90, 90, 90]);
    // Where it would be laid over the whole.
    close(frameAround(rect(0, 3 / 8, 1, 5 / 8), false), rect(0, 0, 1, 1));
    close(frameAround(rect(0, 0, 0.5, 0.25), false), rect(0, -0.125, 0.5, 0.375));
  });
  test("strokes before and after it stay where they are painted", () => {
    const source = picture(16, 16, () => 50);
    const dot = (x: number, y: number) => ({ points: [x, y], size: 0.2, colour: [0, 0, 255] as const });
    const before = edited(source, { strokes: [dot(0.75, 0.25)] });
    const cut = cutOut(before, quarter, true);
    const middle = 3 * (16 * 8 + 8);
    const at = (rgb: Uint8Array) => Array.from(rgb.subarray(middle, middle + 3));
    const render = createRenderer();
    expect(at(render(cut).rgb)).toEqual([0, 0, 255]);
    const [x, y] = onSource(cut, 0.5, 0.5);
    const over = { ...dot(x, y), size: 0.5, colour: [50, 60, 70] as const };
    const later = { ...cut, change: { ...cut.change, strokes: [...cut.change.strokes, over] } };
    expect(at(render(later).rgb)).toEqual([50, 60, 70]);
    expect(render(later).rgb).toEqual(createRenderer()(later).rgb);
  });
  test("uncropped it is untouched, and a huge part is no larger than what is sent", () => {
    const source = picture(8, 8);
    expect(changed(cutOut(workOn(source), quarter, true).change, { parts: [] })).toBe(UNTOUCHED);
    const far = { ...workOn(picture(1000, 1000)), change: { ...UNTOUCHED, zoom: 0.25 } };
    expect(cutOut(far, rect(0, 0, 1, 1), true).change.parts[0]!.width).toBe(LARGEST);
  });
});

describe("history", () => {
  const first = workOn(picture(4, 4));
  const turned = (turn: number) => ({ ...first, change: { ...UNTOUCHED, turn } });
  test("back and forth; a new step forgets what was undone", () => {
    let history = step(step(begin(first), turned(1)), turned(2));
    history = undo(history);
    expect(history.now.change.turn).toBe(1);
    expect(redo(history).now.change.turn).toBe(2);
    history = step(history, turned(3));
    expect(history.future).toEqual([]);
    expect(undo(undo(history)).now).toBe(first);
  });
  test("one drag of a slider is one step", () => {
    let history = begin(first);
    for (const turn of [1, 2, 3]) history = step(history, turned(turn), "turn");
    history = step(history, { ...turned(3), change: { ...turned(3).change, light: 2 } }, "light");
    expect(undo(history).now.change.turn).toBe(3);
    expect(undo(undo(history)).now).toBe(first);
  });
  test("nothing to undo is no error", () => {
    expect(undo(begin(first)).now).toBe(first);
    expect(redo(begin(first)).now).toBe(first);
  });
});

describe("the colours of a unit over a picture", () => {
  const scale = { lo: 0, hi: 1, mode: "linear", knee: 1, signed: false, pinned: false } as const;
  const values = Float32Array.from([0, 0.5, 1]);
  const opaque = (rgba: Uint32Array) => [...rgba].map((pixel) => pixel & 0xffffff);

  test("are those of the small maps and of exemplars, in both themes and over any picture", () => {
    const small = opaque(ofValues(values, scale, mapTable(scale)));
    expect(opaque(overlayOf(values, scale, 0.7))).toEqual(small);
    const exemplar = new Uint32Array(overlay(values, scale).buffer);
    expect(opaque(exemplar)).toEqual(small);
    const [low, , high] = small.map((pixel) => luminance(pixel));
    expect(high).toBeGreaterThan(low!);
  });
});
