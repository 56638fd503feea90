/** The panel of edits: what a person does to units of the model, how it is undone, and what is asked and said. */
import { act } from "preact/test-utils";
import { describe, expect, test } from "vitest";
import { InputKernel } from "../../fakes/input-kernel.ts";
import { TextKernel, type TextSetting } from "../../fakes/text-kernel.ts";
import inputs from "../../src/entries/inputs.tsx";
import text from "../../src/entries/text.tsx";
import { factorAfter, factorAt, positionOf, sayFactor } from "../../src/panels/edits/strength.ts";
import { readEdits } from "../../src/session/edits/read-edits.ts";
import type { EditSetting } from "../../src/wire/edits.ts";
import { click, el, find, host, rest, show } from "./panel-page.ts";

const OFF: EditSetting = { edit: "scale", unit: "mlp.2:17", factor: 0, scope: "all", when: null, on: true };

const ofText = (traits: Partial<TextSetting> = {}): void =>
  show(
    new TextKernel({
      layout_kind: "explorer",
      input: 'f("x")',
      unit: "mlp.2:17",
      pins: ["mlp.1:40"],
      ...traits,
    }),
  );

const edits = (): EditSetting[] => host.get("edits") as EditSetting[];

function key(name: string, more: KeyboardEventInit = {}): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...more });
  act(() => void find("strength").dispatchEvent(event));
  return event;
}

function slide(position: number, kind: "input" | "change" = "input"): void {
  const slider = find<HTMLInputElement>("strength");
  act(() => {
    slider.value = String(position);
    slider.dispatchEvent(new Event(kind, { bubbles: true }));
  });
}

function choose(name: string, value: string): void {
  act(() => {
    const node = find<HTMLSelectElement>(name);
    node.value = value;
    node.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

describe("strength", () => {
  test("is off at the left end, ten times at the right, and as it is around the middle", () => {
    expect([-100, -99, 0, 3, -4, 100].map(factorAt)).toEqual([0, 0.1, 1, 1, 1, 10]);
    expect([0, 1, 10, -10, 1e6].map(positionOf)).toEqual([-100, 0, 100, 100, 100]);
    for (const factor of [0.13, 0.5, 0.9, 1.2, 3, 7.6]) {
      expect(Math.abs(factorAt(positionOf(factor)) / factor - 1)).toBeLessThan(0.06);
    }
  });

  test("by keys goes through every part, and nobody steps over the place where nothing is changed", () => {
    let factor = 0;
    const seen: number[] = [];
    for (let i = 0; i < 60; i++) {
      factor = factorAfter(factor, "ArrowRight")!;
      seen.push(factor);
    }
    expect(seen).toContain(1);
    expect(seen.at(-1)).toBe(10);
    expect(seen.slice(0, 10)).toEqual([...new Set(seen.slice(0, 10))]);
    for (let i = 0; i < 60; i++) factor = factorAfter(factor, "ArrowLeft")!;
    expect(factor).toBe(0);
    expect([factorAfter(3, "Home"), factorAfter(-3, "End"), factorAfter(3, "a")]).toEqual([0, -10, null]);
    expect(factorAfter(40, "ArrowRight")).toBe(40);
  });

  test("is spoken in words", () => {
    expect([0, 1, 2.5, -3].map(sayFactor)).toEqual(["off", "as it is", "2.5 times", "turned round, 3 times"]);
  });
});

describe("no edit", () => {
  test("asks and says nothing of edits", () => {
    ofText();
    expect(host.lastAsk()).not.toHaveProperty("edits");
    expect(host.lastAsk().parts).not.toHaveProperty("edits");
    expect(el.querySelector("[data-nw=edited]")).toBeNull();
    expect(el.querySelector("[data-nw=compare]")).toBeNull();
    rest(5000);
    expect(host.kinds()).not.toContain("control");
  });
});

describe("an edit", () => {
  test("is put on by one click, is asked for, and is said in the head", () => {
    ofText();
    click("edit-off");
    rest();
    expect(edits()).toEqual([OFF]);
    expect(host.lastAsk().edits).toEqual([OFF]);
    expect(host.lastAsk().parts.edits).toEqual({ most: 8 });
    expect(find("edited").textContent).toBe("model edited");
    expect(find("edits").textContent).toContain("→ 0");
    expect(find("changed").querySelectorAll("li").length).toBeGreaterThan(0);
    const told = host.sent.find((message) => "changes" in message && "edits" in message.changes);
    expect(told).toMatchObject({ changes: { edits: [OFF] } });
  });

  test("follows the slider: one question in flight, the newest waits", () => {
    ofText({ edits: [OFF] });
    const before = host.asks().length;
    for (const position of [10, 30, 50, 70, 100]) slide(position);
    expect(host.asks().length).toBe(before + 1);
    rest();
    expect(host.lastAsk().edits![0]).toMatchObject({ factor: 10 });
    expect(host.asks().length).toBeLessThan(before + 5);
  });

  test("is moved by keys, whose presses stay here and whose values are words", () => {
    ofText({ edits: [OFF] });
    const slider = find<HTMLInputElement>("strength");
    expect(slider.type).toBe("range");
    expect(slider.getAttribute("aria-label")).toBe("Strength of mlp.2:17");
    expect(slider.getAttribute("aria-valuetext")).toBe("off");
    expect(key("ArrowRight").defaultPrevented).toBe(true);
    expect(slider.getAttribute("aria-valuetext")).toBe("0.1 times");
    key("End");
    expect(edits()[0]).toMatchObject({ factor: 10 });
    expect(key("Tab").defaultPrevented).toBe(false);
  });

  test("has a number, a sign, a place, a condition and a switch", () => {
    ofText({ edits: [{ ...OFF, factor: 2 }] });
    click("sign");
    expect(edits()[0]).toMatchObject({ factor: -2 });
    choose("factor", "0.25");
    expect(edits()[0]).toMatchObject({ factor: 0.25 });
    choose("factor", "");
    expect(edits()[0]).toMatchObject({ factor: 0.25 });
    expect(find<HTMLInputElement>("factor").value).toBe("0.25");
    choose("edit-scope", "last");
    choose("edit-when", "mlp.1:40");
    choose("edit-above", "0.5");
    expect(edits()[0]).toMatchObject({ scope: "last", when: { unit: "mlp.1:40", above: 0.5 } });
    click("edit-on");
    expect(edits()[0]!.on).toBe(false);
    rest();
    expect(el.querySelector("[data-nw=edited]")).toBeNull();
    expect(find("edits").textContent).toContain("off: the model is as it was");
  });

  test("is another sort of edit, at first where the unit was", () => {
    ofText({ edits: [{ ...OFF, factor: 2 }] });
    rest();
    choose("edit-change", "clamp");
    const clamped = edits()[0] as Extract<EditSetting, { edit: "clamp" }>;
    expect(clamped).toMatchObject({ edit: "clamp", unit: "mlp.2:17" });
    expect(clamped).not.toHaveProperty("factor");
    expect(Number.isFinite(clamped.value)).toBe(true);
    choose("edit-change", "mean");
    expect(edits()[0]).toMatchObject({ edit: "ablate", to: "mean" });
  });

  test("that cannot act says why in its row, and the others act", () => {
    ofText({ edits: [{ ...OFF, unit: "nowhere.2:3" }, OFF] });
    expect(find("edit-problem").textContent).toContain("There is no unit nowhere.2:3");
    expect(find("edit-problem").closest("[data-edit]")!.getAttribute("data-edit")).toBe("nowhere.2:3");
    expect(el.dataset.state ?? find("status").textContent).toContain("live");
    expect(find("edited").textContent).toBe("model edited");
  });
});

describe("undo", () => {
  test("takes steps back one by one; all moves of a slider in a row are one", () => {
    ofText();
    click("edit-double");
    for (const position of [10, 20, 30]) slide(position);
    slide(30, "change");
    slide(-100);
    slide(-100, "change");
    click("edit-remove");
    expect(edits()).toEqual([]);
    const factors = () => edits().map((edit) => (edit as { factor: number }).factor);
    click("edits-undo");
    expect(factors()).toEqual([0]);
    click("edits-undo");
    expect(factors()).toEqual([factorAt(30)]);
    act(
      () =>
        void find("strength").dispatchEvent(
          new KeyboardEvent("keydown", { key: "z", ctrlKey: true, bubbles: true, cancelable: true }),
        ),
    );
    expect(factors()).toEqual([2]);
    click("edits-undo");
    expect(edits()).toEqual([]);
    expect(el.querySelector("[data-nw=edits-undo]")).toBeNull();
  });

  test("brings back what reset took", () => {
    ofText({ edits: [OFF, { ...OFF, unit: "mlp.1:40" }] });
    click("edits-reset");
    expect(edits()).toEqual([]);
    click("edits-undo");
    expect(edits().map(({ unit }) => unit)).toEqual(["mlp.2:17", "mlp.1:40"]);
  });
});

describe("before, after and difference", () => {
  test("are one switch that everything follows", () => {
    ofText({ edits: [OFF] });
    const radio = find("compare").querySelector<HTMLInputElement>("[value=difference]")!;
    act(() => radio.click());
    rest();
    expect(host.lastAsk().compare).toBe("difference");
    expect(find("edited").textContent).toContain("the difference is shown");
    expect(find("legend").textContent).toContain("change of activation");
    expect(find("guesses").textContent).toMatch(/[+−]\d/);
    expect(el.querySelector(".nw-units h3")!.textContent).toBe("Changed most here");
  });

  test("guesses have a mark where they were", () => {
    ofText({ edits: [OFF] });
    expect(find("guesses").textContent).toContain("in the model before its edits");
    expect(find("guesses").querySelectorAll(".nw-bar .nw-was").length).toBe(8);
  });

  test("the classes of a picture follow, and so does its head", () => {
    show(new InputKernel("image", { size: 8 }), inputs());
    click("edit-off");
    rest();
    expect(host.lastAsk().edits![0]).toMatchObject({ unit: "conv.0:3", factor: 0 });
    expect(find("classes").textContent).toContain("in the model before its edits");
    expect(el.querySelector("[data-nw=edit-scope]")).toBeNull();
  });
});

describe("the control", () => {
  test("is asked once nothing moves, and its verdict is shown", () => {
    ofText({ edits: [OFF] });
    expect(host.kinds()).not.toContain("study");
    rest(3000);
    const asked = host.sent.filter((one) => one.kind === "study" && one.question === "control");
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ of: host.lastAsk().seq });
    expect(find("verdict").textContent).toMatch(/random units/);
    expect(find("control").querySelectorAll("circle")).toHaveLength(20);
  });
});

test("a view without the panel says that the model is edited, too", () => {
  show(new TextKernel({ layout_kind: "strip", input: "ab", unit: "mlp.2:17", edits: [OFF] }), text());
  expect(host.lastAsk().edits).toEqual([OFF]);
  expect(find("edited").textContent).toBe("model edited");
});

test("Python's edits are shown, and what a saved notebook holds that is none is left out", () => {
  ofText();
  act(() => host.python("edits", [{ ...OFF, factor: 4 }]));
  rest();
  expect(find<HTMLInputElement>("factor").value).toBe("4");
  const odd = [
    null,
    3,
    {},
    { edit: "scale", unit: 5 },
    { edit: "scale", unit: "a:1", factor: "x" },
    { edit: "dance" },
  ];
  expect(readEdits(odd)).toEqual([]);
  expect(readEdits({ edit: "scale" })).toEqual([]);
  expect(
    readEdits([{ edit: "scale", unit: "a:1", factor: 2, scope: 7, when: { unit: 3 }, more: 1 }]),
  ).toEqual([{ edit: "scale", factor: 2, unit: "a:1", scope: "all", when: null, on: true }]);
});
