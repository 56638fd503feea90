/** The blind test: by keys alone, round after round, and nothing of an answer is on the page before it was given. */
import { act } from "preact/test-utils";
import { expect, it, vi } from "vitest";
import { BlindKernel, type BlindKindOfInput } from "../../fakes/results/blind.ts";
import results from "../../src/entries/results.tsx";
import { pageLife } from "../page-life.ts";

const life = pageLife({ sized: true });

const settle = () => {
  for (let i = 0; i < 4; i++) act(() => void vi.advanceTimersByTime(50));
};

function show(input: BlindKindOfInput = "text", setting = {}, kernelSetting = {}) {
  const kernel = new BlindKernel(input, setting, kernelSetting);
  const el = life.show(results(), kernel);
  settle();
  return {
    el,
    kernel,
    find: <T extends HTMLElement>(name: string) => el.querySelector<T>(`[data-nw=${name}]`)!,
  };
}

/** A key where the focus is. */
function press(key: string): void {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
  act(() => void document.activeElement!.dispatchEvent(event));
  settle();
}

const title = (el: HTMLElement) => el.querySelector("h3")!.textContent;
const pressed = (el: HTMLElement) =>
  [...el.querySelectorAll("[data-nw=blind-item]")].map((item) => item.getAttribute("aria-pressed"));

it("is gone through by keys alone", () => {
  const { el, kernel, find } = show();
  expect(title(el)).toBe("Is this label right?");
  expect(el.textContent).toContain("“inside a comment”");
  find("blind-send").focus();
  act(() => find("blind-send").click());
  settle();
  expect(title(el)).toBe("Round 1 of 3: Which of these fire?");
  expect(document.activeElement).toBe(el.querySelector("h3"));
  find("blind-round").querySelector("button")!.focus();
  const items = [...el.querySelectorAll<HTMLElement>("[data-nw=blind-item]")];
  expect(items.map(({ tabIndex }) => tabIndex)).toEqual([0, -1, -1, -1, -1]);
  press("2");
  press("5");
  press("5");
  press("4");
  expect(pressed(el)).toEqual(["false", "true", "false", "true", "false"]);
  press("Enter");
  expect(el.textContent).toContain("Right. Those that fire: 2, 4.");
  expect(find("blind-progress").textContent).toBe("1 of 3 rounds answered, 5 of 5 right");
  press("Enter");
  expect(title(el)).toBe("Round 2 of 3: Is the highlighted place the right one?");
  press("Enter");
  expect(title(el)).toContain("Round 2");
  press("2");
  press("Enter");
  expect(el.textContent).toContain("Not right. The highlighted place is the right one.");
  press("Enter");
  press("1");
  press("3");
  expect(pressed(el)).toEqual(["false", "false", "true", "false"]);
  press("Enter");
  expect(find("blind-send").textContent).toBe("See the score");
  press("Enter");
  expect(find("verdict").textContent).toContain("6 of 7 judgements right");
  expect(find("blind-missed").textContent).toContain("1 round not all right");
  expect(el.textContent).toContain("Written into the labels");
  const moves = kernel.sent.flatMap((message) => (message.kind === "set" ? [message.changes.move] : []));
  expect(moves.filter(Boolean)[1]).toEqual({ step: 1, answer: [1, 3] });
});

it.each<BlindKindOfInput>(["text", "image", "table"])(
  "shows no answer of %s before it was given",
  (input) => {
    const { el, find } = show(input);
    act(() => find("blind-send").click());
    settle();
    expect(el.querySelectorAll("[data-nw=blind-item]")).toHaveLength(5);
    expect(el.querySelectorAll(".nw-blind-truth, .nw-ex-peak, .nw-wrong")).toHaveLength(0);
    act(() => find("blind-send").click());
    settle();
    expect(el.querySelectorAll(".nw-blind-truth")).toHaveLength(5);
    act(() => find("blind-send").click());
    settle();
    expect(el.querySelectorAll("mark, .nw-blind-box, .nw-marked")).toHaveLength(1);
  },
);

it("asks for a label where there is none, after examples", () => {
  const { el, find, kernel } = show("text", { asks: true });
  expect(title(el)).toBe("What does this unit fire for?");
  expect(el.querySelectorAll("[aria-label='It fires in these'] li").length).toBeGreaterThan(1);
  expect(find<HTMLButtonElement>("blind-send").disabled).toBe(true);
  const input = find<HTMLInputElement>("blind-label");
  input.focus();
  act(() => {
    input.value = " a comment ";
    input.dispatchEvent(new InputEvent("input", { bubbles: true }));
  });
  press("Enter");
  expect(kernel.get("move")).toEqual({ step: 0, label: "a comment" });
  expect(el.textContent).toContain("“a comment”");
});

it("sends an answer once, and says where no kernel hears it", () => {
  const { el, kernel, find } = show("text", {}, { silent: true });
  act(() => kernel.kernel({ kind: "ready" }));
  act(() => find("blind-send").click());
  expect(find<HTMLButtonElement>("blind-send").disabled).toBe(true);
  act(() => kernel.kernel({ kind: "closed" }));
  expect(find("status").textContent).toContain("This widget was closed in Python.");
  expect(find<HTMLButtonElement>("blind-send").disabled).toBe(true);
  expect(title(el)).toBe("Is this label right?");
});
