/** The view of a comparison: a unit is chosen in the picture, in the table and by keys, and shown closely. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { act } from "preact/test-utils";
import { expect, it, vi } from "vitest";
import type { ResultKind } from "../../fakes/results/bytes.ts";
import { comparisonInfo } from "../../fakes/results/comparison.ts";
import { ResultKernel } from "../../fakes/results/result-kernel.ts";
import results from "../../src/entries/results.tsx";
import { pointsOf } from "../../src/results/comparison/store.ts";
import { certaintyTicks, effectTicks } from "../../src/results/comparison/volcano-axis.ts";
import { sayEffect, sayQ } from "../../src/results/units/effect-bar.tsx";
import type { ComparisonInfo } from "../../src/wire/results/comparison.ts";
import { pageLife } from "../page-life.ts";

const GOLDEN = "../../../tests/golden/trait-comparison_info.json";

const life = pageLife({ sized: true });
const info = comparisonInfo("table");
const points = pointsOf(info);

const rest = () => {
  for (let i = 0; i < 4; i++) act(() => void vi.advanceTimersByTime(200));
};

type Setting = { kind?: ResultKind; given?: object | null; silent?: boolean; [trait: string]: unknown };

function show({ kind = "table", given = info, silent = false, ...traits }: Setting = {}) {
  const own = { layout_kind: "comparison", comparison_info: given, member: null, pins: [], edits: [] };
  const kernel = new ResultKernel(kind, { ...own, linked: true, ...traits }, { silent });
  const el = life.show(results(), kernel);
  rest();
  return { el, kernel };
}

const part = (el: Element, name: string) => el.querySelector<HTMLElement>(`[data-nw=${name}]`)!;
const press = (on: Element, key: string) => {
  act(() => void on.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })));
  rest();
};
const click = (on: Element, at: MouseEventInit = {}) => {
  act(() => void on.dispatchEvent(new MouseEvent("click", { bubbles: true, ...at })));
  rest();
};

it("says verdict and figures, and that the model was changed", () => {
  const { el } = show({ given: comparisonInfo("table", { edits: ["Ablate('conv.1:3')"] }) });
  expect(part(el, "verdict").textContent).toContain(info.verdict);
  expect(part(el, "figures").textContent).toContain("chance 0.05");
  expect(part(el, "edited").textContent).toContain("Ablate('conv.1:3')");
});

it("chooses the unit of the point that is clicked, and shows it closely", () => {
  const { el, kernel } = show();
  expect(part(el, "compared").textContent).toContain("Choose a unit");
  const [x, y] = points.at(1);
  click(part(el, "volcano").querySelector("canvas")!, { clientX: 600 * x, clientY: 300 * y });
  expect(kernel.get("unit")).toBe(points.unit(1));
  expect(part(el, "compared").textContent).toContain("93% of all pairs");
  expect(part(el, "distributions").querySelectorAll("svg")[0]!.getAttribute("aria-label")).toMatch(
    /^malignant: 105 inputs, .* in the middle, half of them between/,
  );
  expect(part(el, "exemplars").querySelectorAll("[data-nw=member]").length).toBe(8);
});

it("brings arrows from point to point, says the unit, and chooses it by Enter", () => {
  const { el, kernel } = show({ unit: points.unit(0) });
  const canvas = part(el, "volcano").querySelector("canvas")!;
  press(canvas, "ArrowRight");
  press(canvas, "ArrowRight");
  const tip = part(el, "volcano-tip").textContent!;
  expect(tip).toMatch(/AUROC − .5 [+−]0\.\d+ \(.*\), q .*, (higher in|does not pass)/);
  const said = part(el, "said").textContent!;
  expect(tip).toContain(said.split(",")[0]!);
  press(canvas, "Enter");
  expect(kernel.get("unit")).toBe(said.split(",")[0]);
  expect(kernel.get("unit")).not.toBe(points.unit(0));
});

it("tells a reader who does not see it what the picture shows", () => {
  const { el } = show();
  const words = part(el, "volcano").querySelector("canvas")!.getAttribute("aria-label")!;
  expect(words).toContain("96 units of malignant and benign");
  expect(words).toContain(`the best is ${info.units.rows[0]!.unit}`);
});

it("moves through the table by keys, pins by p, and shows more rows when asked", () => {
  const { el, kernel } = show();
  const rows = () => [...el.querySelectorAll<HTMLElement>("[data-nw=units] tbody tr")];
  expect(rows().length).toBe(8);
  const button = rows()[0]!.querySelector("button")!;
  expect(button.getAttribute("aria-label")).toMatch(/, AUROC − .5 .*, q < 0.001$/);
  press(button, "p");
  expect(kernel.get("pins")).toEqual([info.units.rows[0]!.unit]);
  click(rows()[3]!.querySelector("button")!);
  expect(kernel.get("unit")).toBe(info.units.rows[3]!.unit);
  click(part(el, "more-units"));
  expect(rows().length).toBe(16);
});

it("keeps the chosen unit in sight, however far down it stands", () => {
  const last = info.units.rows.at(-1)!.unit;
  const { el } = show({ unit: last });
  expect(el.querySelectorAll("[data-nw=units] tbody tr").length).toBe(info.units.rows.length);
  expect(el.querySelector("tr.nw-chosen")!.getAttribute("data-unit")).toBe(last);
});

it("switches a unit off in the linked view, and on again", () => {
  const other = { edit: "clamp", value: 2, unit: "mlp.1:3", scope: "all", when: null, on: true };
  const unit = points.unit(0);
  const { el, kernel } = show({ unit, edits: [other] });
  click(part(el, "switch-off"));
  expect(kernel.get("edits")).toEqual([other, expect.objectContaining({ edit: "scale", factor: 0, unit })]);
  expect(part(el, "cause").textContent).toContain("It is off");
  click(part(el, "switch-off"));
  expect(kernel.get("edits")).toEqual([other]);
});

it("says of each unit whether it was tried as a cause", () => {
  const untried = show({ unit: info.units.rows.find(({ unit }) => !unit.endsWith("0"))!.unit });
  expect(part(untried.el, "cause").textContent).toContain("was not tried");
  const tried = show({ unit: info.units.rows.find(({ unit }) => unit.endsWith("0"))!.unit });
  expect(part(tried.el, "cause").textContent).toContain("the model uses it");
});

it("opens an input in the linked view; without one says the call that switches a unit off", () => {
  const { el, kernel } = show({ unit: points.unit(0) });
  click(part(el, "member"));
  expect(kernel.get("member")).toBe(0);
  const alone = show({ unit: points.unit(0), linked: false }).el;
  expect(part(alone, "switch-off")).toBeNull();
  expect(part(alone, "cause").textContent).toContain(`nw.Ablate("${points.unit(0)}")`);
  expect(part(alone, "member").getAttribute("aria-disabled")).toBe("true");
});

it("shows rates of more than two groups, and texts shaded by the unit", () => {
  const three = comparisonInfo("text");
  const { el } = show({ kind: "text", given: three, unit: three.units.rows[0]!.unit });
  expect([...part(el, "rates").querySelectorAll("li")].map((li) => li.textContent)).toEqual([
    expect.stringMatching(/^python\d+ %/),
    expect.stringMatching(/^german\d+ %/),
    expect.stringMatching(/^english\d+ %/),
  ]);
  expect(part(el, "exemplars").querySelector("[title*='mlp']")).not.toBeNull();
});

it("shows itself without a kernel, and says that it is not live", () => {
  const { el } = show({ silent: true, unit: points.unit(0) });
  act(() => void vi.advanceTimersByTime(60_000));
  expect(part(el, "status").textContent).toContain("not live");
  expect(part(el, "compared").textContent).toContain("once it is live");
  expect(el.querySelectorAll("[data-nw=units] tbody tr").length).toBe(8);
});

it.each([
  ["nothing", null],
  ["no bytes", { ...info, points: "§", chance: 7, twin: null }],
  ["nothing found", comparisonInfo("table", { none: true })],
])("takes %s", (_, given) => {
  const { el } = show({ given: given as object | null });
  expect(el.querySelector(".nw-comparison")).not.toBeNull();
});

it("reads points as Python writes them", () => {
  expect(points.count).toBe(info.searched);
  const [best] = info.units.rows;
  expect(points.unit(0)).toBe(best!.unit);
  const [x, y] = points.at(0);
  expect(info.ends[0] + x * (info.ends[1] - info.ends[0])).toBeCloseTo(best!.effect!, 3);
  expect(info.top * (1 - y) ** 2).toBeCloseTo(Math.min(info.top, -Math.log10(best!.q!)), 1);
});

it("reads the points that Python wrote", () => {
  const golden = JSON.parse(readFileSync(join(import.meta.dirname, GOLDEN), "utf8")) as ComparisonInfo;
  const real = pointsOf(golden);
  expect(real.unit(0)).toBe("dense.0:2");
  const [x, y] = real.at(0);
  expect(golden.ends[0] + x * (golden.ends[1] - golden.ends[0])).toBeCloseTo(0.5, 3);
  expect(golden.top * (1 - y) ** 2).toBeCloseTo(8, 2);
  expect([real.mark(0), real.unit(1), real.mark(1)]).toEqual([1, "dense.0:0", 0]);
  const { el } = show({ given: golden });
  expect(part(el, "figures").textContent).toContain("chance 0");
});

it("marks round effects, and q-values as a person reads them", () => {
  expect(effectTicks({ ends: [-0.5, 0.5], measure: "auroc" }).map(({ words }) => words)).toEqual([
    "−0.5",
    "0",
    "+0.5",
  ]);
  const ticks = certaintyTicks({ top: 32, level: 0.05 });
  expect(ticks.map(({ words }) => words)).toEqual(["1", "0.05", "10⁻³", "10⁻⁵", "10⁻¹⁰", "10⁻²⁰"]);
  expect(ticks[0]!.share).toBe(1);
});

it("writes effects and q-values short", () => {
  const both = { ends: [-0.5, 0.5] as [number, number], zero: 0 };
  const up = { ends: [0, 1] as [number, number], zero: 0 };
  const short = (values: number[], axis: typeof up) => values.map((value) => sayEffect(value, axis));
  expect(short([0.3, -0.437, 0.0431, 0], both)).toEqual(["+0.30", "−0.44", "+0.043", "+0.00"]);
  expect(short([0.73, 0.0002], up)).toEqual(["0.73", "0.0002"]);
  expect(sayEffect(null, up)).toBe("–");
  expect([0.0004, 0.0312, 0.05, 0.2, 1, null].map(sayQ)).toEqual([
    "< 0.001",
    "0.031",
    "0.05",
    "0.2",
    "1",
    "–",
  ]);
});
