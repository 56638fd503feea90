/** The view of localised concepts: curves, the number of units that is chosen, the units, and another concept. */
import { act } from "preact/test-utils";
import { expect, it, vi } from "vitest";
import { localisedInfo } from "../../fakes/results/localised.ts";
import { ResultKernel } from "../../fakes/results/result-kernel.ts";
import results from "../../src/entries/results.tsx";
import { pageLife } from "../page-life.ts";

const life = pageLife({ sized: true });
const info = localisedInfo();

function show(more: object = {}): { el: HTMLElement; kernel: ResultKernel } {
  const traits = { layout_kind: "localised", localised_info: info, narrowed: {}, ...more };
  const kernel = new ResultKernel("text", traits);
  const el = life.show(results(), kernel);
  for (let i = 0; i < 3; i++) act(() => void vi.advanceTimersByTime(200));
  return { el, kernel };
}

const units = (el: HTMLElement) =>
  [...el.querySelectorAll<HTMLElement>("[data-nw=units] tbody tr")].map((row) => row.dataset.unit);
const button = (el: HTMLElement, selector: string) => el.querySelector<HTMLElement>(selector)!;

it("draws a line and a band for the units and for each baseline, and says them at each number", () => {
  const { el } = show();
  const drawn = [...el.querySelectorAll("[data-nw=local-curves] g")];
  expect(drawn.map((line) => line.getAttribute("data-basis")).sort()).toEqual([
    "control",
    "rotated",
    "units",
  ]);
  for (const line of drawn) {
    expect(line.querySelector("polyline")!.getAttribute("points")!.split(" ").length).toBe(info.ks.length);
    expect(line.querySelector("polygon")!.getAttribute("points")!.split(" ").length).toBe(2 * info.ks.length);
  }
  const said = button(el, "[data-k='1']").getAttribute("aria-label");
  expect(said).toContain("k = 1, F1: the best k units .95 (.92 to .98); k directions of a random basis .33");
  expect(said).toContain("labels shuffled .24");
});

it("shows the units at the number that is chosen, and says whether they are a cause", () => {
  const { el, kernel } = show();
  expect(units(el)).toEqual(["mlp.1:3"]);
  expect(button(el, "[data-nw=local-cause]").textContent).toBe(
    "Whether it is a cause was not tried (cause=True).",
  );
  act(() => button(el, "[data-k='3']").click());
  expect(kernel.get("narrowed")).toEqual({ concept: "comment", k: 3 });
  expect(units(el)).toEqual(["mlp.1:3", "mlp.1:10", "mlp.1:17"]);
  act(() => el.querySelectorAll<HTMLElement>("[data-nw=unit]")[1]!.click());
  expect(kernel.get("unit")).toBe("mlp.1:10");
});

it("goes to another concept with the number that its verdict says, and to another measure", () => {
  const { el, kernel } = show({ narrowed: { concept: "string", k: 8 } });
  expect(button(el, "[data-nw=local-ks], .nw-local-ks [aria-pressed=true]").dataset.k).toBe("8");
  act(() => el.querySelectorAll<HTMLElement>("[data-nw=local-concept]")[2]!.click());
  expect(kernel.get("narrowed")).toEqual({ concept: "code", k: null });
  expect(button(el, ".nw-local-ks [aria-pressed=true]").dataset.k).toBe("16");
  expect(el.querySelector("[data-nw=local-cause]")).toBeNull();
  act(() => el.querySelectorAll<HTMLElement>("[data-nw=local-metric]")[1]!.click());
  expect(button(el, "[data-k='16']").getAttribute("aria-label")).toContain("Matthews' correlation");
});
