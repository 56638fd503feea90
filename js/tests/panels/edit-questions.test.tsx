/** Questions to the edits that are answered in parts: a text that goes on, a dose; and what the weights say. */
import { act } from "preact/test-utils";
import { expect, test } from "vitest";
import { InputKernel } from "../../fakes/input-kernel.ts";
import { TextKernel } from "../../fakes/text-kernel.ts";
import inputs from "../../src/entries/inputs.tsx";
import type { EditSetting } from "../../src/wire/edits.ts";
import { click, el, find, host, rest, show } from "./panel-page.ts";

const OFF: EditSetting = { edit: "scale", unit: "mlp.2:17", factor: 0, scope: "all", when: null, on: true };

/** Nobody answers these questions but the test. */
function quieten<K extends TextKernel | InputKernel>(kernel: K, quiet: string[]): K {
  const send = kernel.send.bind(kernel);
  kernel.send = (content, ...more) => {
    const { kind, question = kind } = content as { kind: string; question?: string };
    if (quiet.includes(question)) kernel.sent.push(content as never);
    else send(content, ...more);
  };
  return kernel;
}

const ofText = (quiet: string[] = []): void =>
  show(quieten(new TextKernel({ input: 'f("x")', unit: "mlp.2:17", edits: [OFF] }), quiet));

const asked = (question: string) =>
  host.sent.filter(
    (one) => one.kind === question || (one.kind === "study" && one.question === question),
  ) as unknown as { seq: number; of: number }[];
/** A result of a question, and how far it is: nothing follows where that is all. */
const answer = (seq: number, result: object | null, done = 1, problem: string | null = null): void =>
  void act(() => host.kernel({ kind: "study", seq, of: 0, question: "", done, total: 8, result, problem }));
const tokens = (first: number, pairs: object[], verdict = "") => ({ first, tokens: pairs, verdict });
const pair = (one: string, other = one) =>
  [one, other].map((text) => ({ id: text.charCodeAt(0), text, p: 0.5 }));
const columns = (): string[] =>
  [...find("continued").querySelectorAll("ol")].map((list) => list.textContent ?? "");

test("both columns fill while tokens come, and the first that differs is marked", () => {
  ofText(["continue"]);
  click("continue");
  const [ask] = asked("continue");
  expect(ask).toMatchObject({ of: host.lastAsk().seq, tokens: 40, temperature: 0, seed: 0 });
  answer(ask!.seq, tokens(0, [pair("a"), pair("b", "c")]));
  expect(columns()).toEqual(["ab", "ac"]);
  expect(find("continue").textContent).toBe("stop");
  answer(ask!.seq, tokens(2, [pair("\n")], "They part."), 8);
  expect(columns()).toEqual(["ab⏎", "ac⏎"]);
  expect(find("continue").textContent).toBe("continue");
  const marked = [...el.querySelectorAll("[data-state=parts]")].map((node) =>
    node.getAttribute("aria-label"),
  );
  expect(marked).toEqual(["“b” 50 %, the first that differs", "“c” 50 %, the first that differs"]);
  expect(find("continued").textContent).toContain("token 2: “b” 50 % as it is, “c” 50 % edited");
  expect(find("continued").querySelector("[role=status]")!.textContent).toBe("They part.");
});

test("arrows lead from token to token, and what is looked at is said", () => {
  ofText(["continue"]);
  click("continue");
  answer(asked("continue")[0]!.seq, tokens(0, [pair("a"), pair("b")]), 8);
  const first = find("continued").querySelector<HTMLElement>("ol button")!;
  expect(first.tabIndex).toBe(0);
  act(() => first.focus());
  act(
    () =>
      void first.dispatchEvent(
        new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true, cancelable: true }),
      ),
  );
  expect(document.activeElement?.textContent).toBe("b");
  expect(find("continued").textContent).toContain("token 2: “b” 50 %");
});

test("stop keeps what is there; another text dims it, and a refusal stands in its place", () => {
  ofText(["continue", "stop"]);
  click("continue");
  const { seq } = asked("continue")[0]!;
  answer(seq, tokens(0, [pair("a")]));
  click("continue");
  expect(asked("stop")).toMatchObject([{ seq }]);
  answer(seq, tokens(1, [], "1 token."), 8);
  expect(find("continued").textContent).toContain("1 token.");
  expect(columns()).toEqual(["a", "a"]);
  expect(find("continued").querySelector(".nw-old")).toBeNull();
  act(() => host.python("input", "g()"));
  rest();
  expect(find("continued").querySelector(".nw-old")).not.toBeNull();
  click("continue");
  act(() => host.kernel({ kind: "error", seq: asked("continue")[1]!.seq, message: "Too hot.", hint: "" }));
  expect(find("continued").querySelector("[role=status]")!.textContent).toBe("Too hot.");
  expect(find("continue").textContent).toBe("continue");
});

test("what a change breaks off says so", () => {
  ofText(["continue"]);
  click("continue");
  const { seq } = asked("continue")[0]!;
  answer(seq, tokens(0, [pair("a")]));
  act(() => host.kernel({ kind: "overtaken", seq }));
  expect(find("continued").textContent).toContain("Broken off: the input or the edits changed.");
});

test("a model that continues nothing is not asked to; a dose is drawn of a picture, too", () => {
  show(new InputKernel("image", { size: 8, edits: [{ ...OFF, unit: "conv.0:3" }] }), inputs());
  expect(find("continued")).toBeNull();
  click("draw-dose");
  rest();
  const dose = find("dose");
  expect(dose.querySelectorAll("circle")).toHaveLength(14);
  expect(dose.querySelector("svg")!.getAttribute("aria-label")).toContain("at 1 × effect 0.08, damage 0.014");
  expect(dose.textContent).toContain("overtakes it at 3.2 ×");
});

test("a dose says how far it is", () => {
  ofText(["dose"]);
  click("draw-dose");
  answer(asked("dose")[0]!.seq, null, 2);
  expect(find("dose").querySelector("progress")!.value).toBe(0.25);
  answer(asked("dose")[0]!.seq, null, 8, "There are no unrelated inputs.");
  expect(find("dose").querySelector("[role=status]")!.textContent).toBe("There are no unrelated inputs.");
  expect(find("dose").querySelector("svg")).toBeNull();
});

test("what the weights say of outputs stands beside what was measured", () => {
  ofText();
  const rows = [...find("direct").querySelectorAll("tbody tr")].map((row) => row.textContent);
  expect(rows).toHaveLength(6);
  expect(rows[0]).toMatch(/^\(\+0.9\+/);
  expect(find("direct").textContent).toContain("an approximation");
});

test("a unit's weights and a named direction are steered along, and the strength is a number", () => {
  ofText();
  act(() => host.python("catalog", { ...(host.get("catalog") as object), directions: ["comments"] }));
  rest();
  click("edit-direction");
  rest();
  const steered = { edit: "steer", unit: "comments", strength: 0.1 };
  expect((host.get("edits") as EditSetting[])[1]).toMatchObject(steered);
  const box = find<HTMLInputElement>("steer-strength");
  box.value = "0.5";
  act(() => void box.dispatchEvent(new Event("change", { bubbles: true })));
  rest();
  expect(host.lastAsk().edits![1]).toMatchObject({ ...steered, strength: 0.5 });
  const choice = find<HTMLSelectElement>("edit-change");
  choice.value = "resample";
  act(() => void choice.dispatchEvent(new Event("change", { bubbles: true })));
  rest();
  expect(host.lastAsk().edits![0]).toMatchObject({ edit: "ablate", to: "resample" });
});
