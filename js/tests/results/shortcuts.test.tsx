/** The view of shortcuts: five steps in order, a chosen unit, gains among random units, and where it looks. */
import { act } from "preact/test-utils";
import { expect, it, vi } from "vitest";
import { ResultKernel } from "../../fakes/results/result-kernel.ts";
import { shortcutsInfo } from "../../fakes/results/shortcuts.ts";
import results from "../../src/entries/results.tsx";
import { pageLife } from "../page-life.ts";

const life = pageLife({ sized: true });

function show(none = false, more: object = {}): { el: HTMLElement; kernel: ResultKernel } {
  const info = shortcutsInfo(none);
  const traits = { layout_kind: "shortcuts", shortcuts_info: info, unit: info.gains[0]!.unit };
  const kernel = new ResultKernel("image", { ...traits, ...more });
  const el = life.show(results(), kernel);
  for (let i = 0; i < 3; i++) act(() => void vi.advanceTimersByTime(200));
  return { el, kernel };
}

const gain = (el: HTMLElement, unit: string) =>
  el.querySelector<HTMLElement>(`[data-nw=gain][data-unit="${unit}"]`)!;

it("tells the story in the order in which one reads it", () => {
  const { el } = show();
  expect([...el.querySelectorAll("h3")].map((head) => head.textContent)).toEqual([
    "What the data alone give away",
    "Candidates, chosen on 300 inputs",
    "Held at its mean, on 299 others",
    "Where it looks",
    "Verdict",
  ]);
  expect(el.querySelector("[data-nw=properties]")!.textContent).toContain("contrast in a corner");
  expect(el.querySelector("[data-nw=verdict]")!.textContent).toContain("are shortcuts");
});

it("says of each unit what holding it does, among random units, for the ear too", () => {
  const { el } = show();
  const row = gain(el, "conv.0:0");
  expect(row.querySelectorAll(".nw-gain-random").length).toBe(20);
  expect(row.getAttribute("aria-label")).toMatch(
    /conv\.0:0: \+12\.7 % right answers \(\+7\.7 % to \+18\.2 %\), the best of 20 random units .*; shortcut/,
  );
  expect(gain(el, "dense.0:21").getAttribute("aria-label")).toContain("too few inputs go against");
});

it("chooses a unit by a click or a key, and shows where it looks", () => {
  const { el, kernel } = show();
  expect(el.querySelectorAll("[data-nw=gains] [tabindex='0']").length).toBe(1);
  gain(el, "conv.0:0").focus();
  act(
    () =>
      void gain(el, "conv.0:0").dispatchEvent(
        new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true }),
      ),
  );
  expect(document.activeElement).toBe(gain(el, "conv.1:10"));
  act(() => gain(el, "conv.1:10").click());
  expect(kernel.get("unit")).toBe("conv.1:10");
  expect(gain(el, "conv.1:10").getAttribute("aria-pressed")).toBe("true");
  expect(el.querySelector("[data-nw=looks] [role=img]")!.getAttribute("aria-label")).toContain(
    "upper left 59 %",
  );
});

it("says once what is in the verdict already, and points at no unit where none was tried", () => {
  const said = "0 of 300 inputs are answered wrong.";
  const none = {
    ...shortcutsInfo(true),
    verdict: `No shortcut. ${said}`,
    notes: [said],
    gains: [],
    looks: [],
  };
  const units = { ...none.units, rows: [] };
  const { el } = show(true, { shortcuts_info: { ...none, units }, unit: null });
  expect(el.textContent!.split(said).length).toBe(2);
  expect(el.textContent).toContain("There is no unit to look at.");
  expect(el.textContent).not.toContain("Choose a unit");
});

it("says so where there is none", () => {
  const { el } = show(true);
  expect(el.querySelectorAll("[data-nw=gain].nw-is-shortcut").length).toBe(0);
  expect(el.querySelector("[data-nw=verdict]")!.textContent).toContain("No shortcut among 80 units");
});
