/** The view of health: a bar a site, rows that a part of it narrows, and the unit that is chosen. */
import { act } from "preact/test-utils";
import { expect, it, vi } from "vitest";
import { healthInfo } from "../../fakes/results/health.ts";
import { ResultKernel } from "../../fakes/results/result-kernel.ts";
import results from "../../src/entries/results.tsx";
import { pageLife } from "../page-life.ts";

const life = pageLife({ sized: true });
const info = healthInfo();

function show(more: object = {}): { el: HTMLElement; kernel: ResultKernel } {
  const kernel = new ResultKernel("text", {
    layout_kind: "health",
    health_info: info,
    narrowed: {},
    ...more,
  });
  const el = life.show(results(), kernel);
  for (let i = 0; i < 3; i++) act(() => void vi.advanceTimersByTime(200));
  return { el, kernel };
}

const all = <T extends HTMLElement>(el: HTMLElement, selector: string) => [
  ...el.querySelectorAll<T>(selector),
];
const shown = (el: HTMLElement) =>
  all(el, "[data-nw=health-rows] tbody tr").map((row) => row.textContent ?? "");

it("has a bar a site whose parts say how many units are in which state", () => {
  const { el } = show();
  expect(el.querySelector("[data-nw=verdict]")!.textContent).toContain(info.verdict);
  const layer = info.layers[6]!;
  const parts = all(el, `[data-site='${layer.site}'] [data-nw=health-part]`);
  expect(parts.map((part) => part.dataset.is)).toEqual(
    info.states.flatMap(([state], at) => (layer.counts[at] && state !== "ok" ? [state] : [])),
  );
  expect(parts[0]!.getAttribute("aria-label")).toContain(`${layer.counts[0]} of 64 units dead`);
  expect(all(el, "[data-nw=health-bars] [tabindex='0']").length).toBe(1);
});

it("narrows the rows to a state at a site, to a state everywhere, and to nothing again", () => {
  const { el, kernel } = show();
  const part = () => el.querySelector<HTMLElement>("[data-site='mlp.6'] [data-is=saturated]")!;
  act(() => part().click());
  expect(kernel.get("narrowed")).toEqual({ state: "saturated", site: "mlp.6" });
  expect(shown(el).length).toBe(info.layers[6]!.counts[4]);
  expect(shown(el).every((words) => words.startsWith("mlp.6:") && words.includes("saturated"))).toBe(true);
  act(() => el.querySelector<HTMLElement>("[data-nw=health-state][data-is=rare]")!.click());
  expect(kernel.get("narrowed")).toEqual({ state: "rare", site: null });
  expect(shown(el).every((words) => words.includes("rare"))).toBe(true);
  act(() => el.querySelector<HTMLElement>("[data-nw=health-state][data-is=rare]")!.click());
  expect(kernel.get("narrowed")).toEqual({ state: null, site: null });
});

it("chooses a unit, shows more of them, and pins only where an Explorer is linked", () => {
  const { el, kernel } = show();
  act(() => el.querySelector<HTMLElement>("[data-nw=health-rows] [data-nw=unit]")!.click());
  expect(kernel.get("unit")).toBe(info.rows[0]!.unit);
  expect(el.querySelector("tr.nw-chosen")!.getAttribute("data-unit")).toBe(info.rows[0]!.unit);
  const before = shown(el).length;
  act(() => el.querySelector<HTMLElement>("[data-nw=more-units]")!.click());
  expect(shown(el).length).toBeGreaterThan(before);
  expect(el.querySelector("[data-nw=pin]")).toBeNull();
  const linked = show({ linked: true, pins: [], edits: [] });
  const row = linked.el.querySelector<HTMLElement>("[data-nw=health-rows] [data-nw=unit]")!;
  act(() => void row.dispatchEvent(new KeyboardEvent("keydown", { key: "p", bubbles: true })));
  expect(linked.kernel.get("pins")).toEqual([info.rows[0]!.unit]);
});
