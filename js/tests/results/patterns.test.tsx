/** The view of patterns: what is chosen in one part is chosen in all, and in Python. */
import { act } from "preact/test-utils";
import { beforeEach, expect, it, vi } from "vitest";
import { InputKernel } from "../../fakes/input-kernel.ts";
import { patternsInfo } from "../../fakes/results/patterns.ts";
import { ResultKernel } from "../../fakes/results/result-kernel.ts";
import results from "../../src/entries/results.tsx";
import { pointsOf } from "../../src/panels/pattern/points.ts";
import { layOut, sayFlow } from "../../src/results/patterns/flow.tsx";
import type { PatternsInfo } from "../../src/wire/results/patterns.ts";
import { pageLife } from "../page-life.ts";

const life = pageLife({ sized: true });
const TRAITS = { layout_kind: "patterns", pattern: null, narrowed: {}, member: null };
const info = patternsInfo("image", 2);

function show(kernel: ResultKernel | InputKernel): HTMLElement {
  const el = life.show(results(), kernel);
  rest();
  return el;
}

const rest = () => {
  for (let i = 0; i < 4; i++) act(() => void vi.advanceTimersByTime(200));
};
const alone = (given: object = info) => new ResultKernel("image", { ...TRAITS, patterns_info: given });
const part = (el: Element, name: string) => el.querySelector<HTMLElement>(`[data-nw=${name}]`)!;
const press = (on: Element, key: string) => {
  act(() => void on.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })));
  rest();
};
const click = (on: Element) => {
  act(() => void on.dispatchEvent(new MouseEvent("click", { bubbles: true })));
  rest();
};

beforeEach(() => {
  vi.stubGlobal("ImageData", globalThis.ImageData ?? class {});
});

it("says the verdict and its figures", () => {
  const el = show(alone());
  expect(part(el, "verdict").textContent).toContain(info.layers[0]!.verdict);
  for (const { name, value } of info.layers[0]!.figures)
    expect(part(el, "figures").textContent).toContain(`${name} ${value}`);
});

it("lists patterns with the steadiest first, and those in none last", () => {
  const el = show(alone());
  const numbers = [...el.querySelectorAll("[data-nw=patterns] > li")].map((row) =>
    Number(row.getAttribute("data-pattern")),
  );
  expect(numbers).toEqual([...info.layers[0]!.patterns.map(({ pattern }) => pattern), -1]);
  expect(el.textContent).toContain("in no pattern");
});

it("tells Python which pattern a click on its row chooses, and shows its inputs", () => {
  const kernel = alone();
  const el = show(kernel);
  click(el.querySelector("[data-pattern='4'] button")!);
  expect(kernel.get("pattern")).toBe(4);
  expect(el.querySelectorAll("[data-pattern='4'] [data-nw=member]").length).toBeGreaterThan(3);
  const own = pointsOf(info.layers[0]!).pattern.filter((pattern) => pattern === 4).length;
  expect(part(el, "chosen").textContent).toContain(`${own} inputs chosen: pattern 4`);
  click(part(el, "let-go"));
  expect(kernel.get("pattern")).toBeNull();
});

it("says of a row whether that is a label or what the model says, with signs in quotes", () => {
  const [layer] = info.layers;
  const [first, second] = layer!.patterns;
  const patterns = [
    {
      ...first!,
      inputs: 4,
      labels: [],
      predictions: [
        ["\n", 3],
        ["a", 1],
      ],
    },
    { ...second!, inputs: 9, labels: [["7", 9]] },
  ];
  const el = show(alone({ ...info, layers: [{ ...layer!, patterns }] }));
  const [says, label] = [...el.querySelectorAll("[data-nw=most]")].map((mix) => mix.textContent);
  expect([says, label]).toEqual(["the model says “⏎” (3 of 4), also a", "label 7 (9 of 9)"]);
});

it("shows twelve patterns, one that is chosen elsewhere, and all when they are asked for", () => {
  const [layer] = info.layers;
  const patterns = Array.from({ length: 30 }, (_, pattern) => ({ ...layer!.patterns[0]!, pattern }));
  const kernel = alone({ ...info, layers: [{ ...layer!, patterns }] });
  const el = show(kernel);
  const shown = () =>
    el.querySelectorAll("[data-nw=patterns] > [data-pattern]:not([data-pattern='-1'])").length;
  expect(shown()).toBe(12);
  act(() => kernel.set("pattern", 25));
  rest();
  expect(shown()).toBe(13);
  expect(el.querySelector("[data-pattern='25'] button")!.getAttribute("aria-expanded")).toBe("true");
  click(part(el, "all-patterns"));
  expect(shown()).toBe(30);
  expect(el.querySelector("[data-nw=all-patterns]")).toBeNull();
});

it("follows what Python chooses", () => {
  const kernel = alone();
  const el = show(kernel);
  act(() => kernel.set("pattern", 2));
  rest();
  expect(el.querySelector("[data-pattern='2'] button")!.getAttribute("aria-expanded")).toBe("true");
});

it("brings arrows from input to input of the map, Enter to its pattern, and says what it is", () => {
  const kernel = alone();
  const el = show(kernel);
  const map = el.querySelector("[data-nw=pattern-map] canvas")!;
  press(map, "ArrowRight");
  press(map, "ArrowRight");
  expect(part(el, "map-tip").textContent).toMatch(/pattern/);
  expect(part(el, "said").textContent).toMatch(/^image \d+, /);
  press(map, "Enter");
  expect(kernel.get("pattern")).toEqual(expect.any(Number));
  press(map, "Escape");
  expect(kernel.get("pattern")).toBeNull();
});

it("is left by Escape where nothing is chosen: the key goes on to the host", () => {
  const el = show(alone());
  const map = el.querySelector("[data-nw=pattern-map] canvas")!;
  const leave = () => new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true });
  const [first, second] = [leave(), leave()];
  press(map, "ArrowRight");
  act(() => void map.dispatchEvent(first));
  act(() => void map.dispatchEvent(second));
  expect([first.defaultPrevented, second.defaultPrevented]).toEqual([true, false]);
});

it("has one tab stop a list, from which arrows go on", () => {
  const kernel = alone();
  const el = show(kernel);
  act(() => kernel.set("pattern", 2));
  rest();
  for (const name of [
    ".nw-result-head",
    "[data-nw=flow-band]",
    "[data-nw=marker]",
    "[data-nw=matrix-cell]",
  ]) {
    const list = [...el.querySelectorAll<HTMLElement>(name)];
    const stops = list.filter((one) => one.getAttribute("tabindex") === "0");
    expect([name, stops.length]).toEqual([name, 1]);
    const at = list.indexOf(stops[0]!);
    stops[0]!.focus();
    press(stops[0]!, "ArrowRight");
    expect([name, list.indexOf(document.activeElement as HTMLElement)]).toEqual([name, at + 1]);
  }
  expect(el.querySelector("[data-pattern='2'] .nw-result-head")!.getAttribute("tabindex")).toBe("0");
});

it("tells Python the part of the map that a drag frames", () => {
  const kernel = alone();
  const el = show(kernel);
  const map = el.querySelector("[data-nw=pattern-map] canvas")!;
  const to = (kind: string, clientX: number, clientY: number) =>
    act(() => void map.dispatchEvent(new MouseEvent(kind, { clientX, clientY, bubbles: true })));
  to("pointerdown", 8, 8);
  to("pointermove", 300, 150);
  to("pointerup", 300, 150);
  rest();
  const { brush } = kernel.get("narrowed") as { brush: number[] };
  expect(brush).toEqual([0, -5, 0, 0, 5].map((value) => expect.closeTo(value, 1)));
  const points = pointsOf(info.layers[0]!);
  const inside = [...points.x].filter((x, i) => x <= 32768 && points.y[i]! >= 32768).length;
  expect(part(el, "chosen").textContent).toContain(`${inside} inputs chosen: inside the frame`);
});

it("chooses the inputs of a cell of the matrix, and of a band of the flow", () => {
  const kernel = alone();
  const el = show(kernel);
  const cell = [...el.querySelectorAll("[data-nw=matrix-cell]")].find((one) => one.textContent !== "")!;
  click(cell);
  expect(kernel.get("narrowed")).toMatchObject({ label: expect.any(String), to: null });
  const band = part(el, "flow-band");
  press(band, "Enter");
  expect(kernel.get("narrowed")).toMatchObject({ label: null, to: expect.any(Number) });
  const [, count] = /^([\d,]+) input/.exec(band.getAttribute("aria-label")!)!;
  expect(part(el, "chosen").textContent).toContain(`${count} inputs chosen`);
});

it("selects the unit that sets a pattern apart", () => {
  const kernel = alone();
  const el = show(kernel);
  click(el.querySelector("[data-pattern='4'] button")!);
  const marker = part(el, "marker");
  click(marker);
  expect(kernel.get("unit")).toBe(marker.dataset.unit);
});

it("places the input of a live model at every frame, and opens members in its editor", () => {
  const kernel = new InputKernel("image", { ...TRAITS, patterns_info: info } as object);
  const el = show(kernel);
  expect(kernel.lastAsk().parts).toMatchObject({ pattern: { nearest: 3 } });
  const places = [...el.querySelectorAll("[data-nw=place]")];
  expect(places.map((place) => place.getAttribute("data-pattern"))).toEqual([
    expect.any(String),
    expect.any(String),
  ]);
  click(part(el, "open-member"));
  expect(kernel.get("member")).toEqual(expect.any(Number));
});

it("shows itself without a kernel, and says that it is not live", () => {
  const kernel = new ResultKernel("image", { ...TRAITS, patterns_info: info }, { silent: true });
  const el = show(kernel);
  act(() => void vi.advanceTimersByTime(60_000));
  expect(part(el, "status").textContent).toContain("not live");
  expect(el.querySelectorAll("[data-nw=patterns] > li").length).toBeGreaterThan(5);
});

it.each([
  ["nothing", null],
  ["no bytes", { ...info, layers: [{ ...info.layers[0]!, points: "§" }], documents: 7, labelled: "x" }],
  ["no layers", { ...info, layers: [] }],
])("takes %s from a saved notebook", (_, given) => {
  const el = show(alone(given as PatternsInfo));
  expect(el.querySelector(".nw-patterns")).not.toBeNull();
});

it("lays bands out so that each post is as high as its inputs", () => {
  const flow: PatternsInfo["flow"] = [
    [0, 0, 6],
    [0, 1, 2],
    [1, 1, 4],
    [-1, -1, 4],
  ];
  const { left, right, bands } = layOut(flow, [0, 1, -1], [0, 1, -1]);
  expect(left.map(({ inputs }) => inputs)).toEqual([8, 4, 4]);
  expect(right.map(({ inputs }) => inputs)).toEqual([6, 6, 4]);
  for (const post of left) {
    const own = bands.filter(({ from }) => from === post.pattern);
    expect(own.reduce((sum, { height }) => sum + height, 0)).toBeCloseTo(post.height);
  }
  expect(sayFlow(flow)).toBe("0 split, 1 merge");
});
