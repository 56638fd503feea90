/** The view of groups: a click pins a group's units, by telling Python which group is chosen. */
import { act } from "preact/test-utils";
import { beforeEach, expect, it, vi } from "vitest";
import { groupsInfo } from "../../fakes/results/patterns.ts";
import { ResultKernel } from "../../fakes/results/result-kernel.ts";
import results from "../../src/entries/results.tsx";
import { partsOf } from "../../src/results/verdict.tsx";
import { pageLife } from "../page-life.ts";

const life = pageLife({ sized: true });
const info = groupsInfo();

function show(traits: Record<string, unknown> = {}): { el: HTMLElement; kernel: ResultKernel } {
  const kernel = new ResultKernel("text", {
    layout_kind: "groups",
    groups_info: info,
    group: null,
    ...traits,
  });
  const el = life.show(results(), kernel);
  for (let i = 0; i < 3; i++) act(() => void vi.advanceTimersByTime(200));
  return { el, kernel };
}

beforeEach(() => {
  vi.stubGlobal("ImageData", globalThis.ImageData ?? class {});
});

it("says the verdict, and what each group shares", () => {
  const { el } = show();
  expect(el.querySelector("[data-nw=verdict]")!.textContent).toContain(info.verdict);
  const rows = [...el.querySelectorAll("[data-group]")];
  expect(rows.map((row) => row.getAttribute("data-group"))).toEqual(
    info.groups.map(({ group }) => String(group)),
  );
  expect(rows[0]!.textContent).toContain("quotes");
  expect(rows[5]!.textContent).toContain("no tighter than chance");
});

it("begins with the model and the unit, and says what a click does", () => {
  const { el, kernel } = show();
  expect(el.querySelector(".nw-head")!.textContent).toContain(info.model);
  expect(el.textContent).toContain("Choose a group, in the map or in the list");
  act(() => kernel.set("unit", info.groups[1]!.units[0]));
  expect(el.querySelector("[data-nw=unit-says]")!.textContent).toContain(info.groups[1]!.units[0]);
});

it("tells Python the group that is clicked in the list or in the map", () => {
  const { el, kernel } = show();
  act(() => el.querySelectorAll<HTMLElement>("[data-nw=group]")[2]!.click());
  expect(kernel.get("group")).toBe(2);
  expect(el.querySelectorAll("[data-nw=group-unit]").length).toBe(info.groups[2]!.count);
  const [from, to] = info.groups[0]!.span;
  const at = { clientX: (600 * (from + to)) / 2, clientY: (300 * (from + to)) / 2, bubbles: true };
  act(() => void el.querySelector(".nw-correlations-ground")!.dispatchEvent(new MouseEvent("click", at)));
  expect(kernel.get("group")).toBe(0);
});

it("has one tab stop for its groups, the chosen one, from which arrows go on", () => {
  const { el, kernel } = show();
  act(() => kernel.set("group", 3));
  const groups = [...el.querySelectorAll<HTMLElement>("[data-nw=group]")];
  expect(groups.map(({ tabIndex }) => tabIndex)).toEqual(groups.map((_, i) => (i === 3 ? 0 : -1)));
  groups[3]!.focus();
  for (const key of ["ArrowDown", "ArrowUp", "Home"])
    act(
      () => void document.activeElement!.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true })),
    );
  expect(document.activeElement).toBe(groups[0]);
});

it("chooses a unit of the group", () => {
  const { el, kernel } = show();
  act(() => el.querySelectorAll<HTMLElement>("[data-nw=group]")[1]!.click());
  act(() => el.querySelector<HTMLElement>("[data-nw=group-unit]")!.click());
  expect(kernel.get("unit")).toBe(info.groups[1]!.units[0]);
});

it("switches a group off as one in the linked view, and on again", () => {
  const units = info.groups[1]!.units;
  const other = { edit: "clamp", value: 2, unit: "mlp.9:3", scope: "all", when: null, on: true };
  const { el, kernel } = show({ linked: true, edits: [other], group: 1 });
  const button = () => el.querySelector<HTMLElement>("[data-nw=switch-off]")!;
  act(() => button().click());
  expect(kernel.get("edits")).toEqual([
    other,
    ...units.map((unit) => expect.objectContaining({ edit: "scale", factor: 0, unit, on: true })),
  ]);
  expect(button().getAttribute("aria-pressed")).toBe("true");
  expect(el.textContent).toContain("They are off");
  act(() => button().click());
  expect(kernel.get("edits")).toEqual([other]);
});

it("says the call where no view is linked, or a group has more units than it takes edits", () => {
  const code = "view.groups.edits(0)";
  expect(show({ group: 0 }).el.textContent).toContain(code);
  const units = Array.from({ length: 40 }, (_, i) => `mlp.1:${i}`);
  const wide = { ...info, groups: [{ ...info.groups[0]!, units, count: 40 }] };
  const { el } = show({ linked: true, edits: [], group: 0, groups_info: wide });
  expect(el.querySelector("[data-nw=switch-off]")).toBeNull();
  expect(el.textContent).toContain(code);
});

it("tells the answer from what follows it", () => {
  expect(partsOf("3 of 9 hold. AUROC 0.99 (95 % 0.98 to 1.00). Not tried.")).toEqual([
    "3 of 9 hold.",
    " AUROC 0.99 (95 % 0.98 to 1.00). Not tried.",
  ]);
  expect(partsOf("nothing in mlp.2 with q 0.5")).toEqual(["nothing in mlp.2 with q 0.5", ""]);
});
