/** What drives a unit or the output, another input in the place of before, and the grid of patches. */
import { act } from "preact/test-utils";
import { describe, expect, test } from "vitest";
import { atlasInfo } from "../../fakes/atlas-answers.ts";
import { ATLAS_TRAITS } from "../../fakes/atlas-kernel.ts";
import { InputKernel } from "../../fakes/input-kernel.ts";
import { TEXT_SITES, TextKernel, type TextSetting } from "../../fakes/text-kernel.ts";
import inputs from "../../src/entries/inputs.tsx";
import type { Ask, ToKernel } from "../../src/wire/protocol.ts";
import { click, el, find, host, rest, show } from "./panel-page.ts";

const ofText = (traits: Partial<TextSetting> = {}): void =>
  show(new TextKernel({ layout_kind: "explorer", input: 'f("x")', unit: "mlp.2:17", ...traits }));
const ofTable = () => show(new InputKernel("table"), inputs());
const ofImage = () => show(new InputKernel("image", { size: 8 }), inputs());

const asked = (question: string) =>
  host.sent.filter(
    (one): one is Extract<ToKernel, { kind: "study" }> => one.kind === "study" && one.question === question,
  );
/** How far an attribution is. */
const answer = (fields: object): void =>
  void act(() => host.kernel({ kind: "study", question: "attribution", ...fields }));
const type = (text: string) =>
  act(() => {
    const area = el.querySelector("textarea")!;
    area.value = text;
    area.dispatchEvent(new Event("input", { bubbles: true }));
  });

describe("what drives this?", () => {
  test("is asked once nothing moves, and lies over the text with its colours and its check", () => {
    ofText();
    const before = find("strip").innerHTML;
    click("drives-unit");
    rest(300);
    expect(asked("attribution")).toHaveLength(0);
    rest(900);
    expect(asked("attribution")).toMatchObject([{ of: host.lastAsk().seq, target: "unit" }]);
    expect(find("strip").innerHTML).not.toBe(before);
    expect(find("reading").textContent).toContain("effect on mlp.2:17");
    const legend = el.querySelector("[data-of=effect]")!;
    expect(legend.textContent).toContain("mlp.2:17: what it loses without each of the tokens");
    expect(el.querySelector("[data-of=unit]")).toBeNull();
    expect(find("drives-said").textContent).toContain("more than 20/20 random choices");
    expect(find("drives-said").getAttribute("role")).toBe("status");
    click("drives-unit");
    expect(find("strip").innerHTML).toBe(before);
    expect(el.querySelector("[data-of=unit]")).not.toBeNull();
  });

  test("begins with a preview that says what it is, tells how far it is, and can be stopped", () => {
    ofText({ delay: 300 });
    rest(1000);
    click("drives-output");
    rest(750);
    expect(el.querySelector("progress")).not.toBeNull();
    const { seq, of } = asked("attribution")[0]!;
    const result = {
      method: "gradient",
      target: "the output",
      parts: "tokens",
      effects: [1, 0, 0, 0, 0, 0],
      names: [],
      grid: null,
      verdict: "",
    };
    answer({ seq, of, done: 2, total: 8, result, problem: null });
    expect(find("drives-said").textContent).toContain("A preview by the gradient");
    expect(el.querySelector("progress")!.value).toBe(0.25);
    click("study-stop");
    expect(host.sent.at(-1)).toMatchObject({ kind: "stop", seq });
    expect(el.querySelector("progress")).toBeNull();
    rest(2000);
    expect(find("drives-said").textContent).toContain("A preview by the gradient");
    expect(asked("attribution")).toHaveLength(1);
  });

  test("is gone with the next key, and asked anew in the pause", () => {
    ofText();
    click("drives-unit");
    rest(1200);
    type('f("x");');
    rest(200);
    expect(el.querySelector("[data-of=effect]")).toBeNull();
    expect(find("reading").textContent).not.toContain("effect on");
    rest(1200);
    expect(asked("attribution")).toHaveLength(2);
    expect(find("reading").textContent).toContain("effect on mlp.2:17");
  });

  test("says what stood in the way", () => {
    ofText({ delay: 300 });
    rest(1000);
    click("drives-unit");
    rest(750);
    const { seq, of } = asked("attribution")[0]!;
    answer({ seq, of, done: 1, total: 1, result: null, problem: "It cannot be." });
    expect(find("drives-said").textContent).toBe("It cannot be.");
  });

  test("lies over a picture and has a bar in each column of a row, with the number", () => {
    ofImage();
    click("drives-unit");
    rest(1200);
    expect(el.querySelector("[data-of=effect]")!.textContent).toContain("patches");
    expect(find("picture").querySelectorAll("canvas")[1]).toMatchObject({ width: 8, height: 8 });
    ofTable();
    click("drives-output");
    rest(1200);
    const bars = [...el.querySelectorAll("[data-nw=effect]")];
    expect(bars.length).toBe(el.querySelectorAll("[data-nw=columns] li").length);
    expect(bars.map((bar) => bar.getAttribute("aria-label"))).toContainEqual(
      expect.stringMatching(/^effect [−\d]/),
    );
  });
});

describe("another input", () => {
  const compare = (ask: Ask) => [(ask.beside as { text?: string } | undefined)?.text, ask.compare];

  test("takes the place of what was before: held, changed, switched, let go", () => {
    ofText();
    expect(host.lastAsk()).not.toHaveProperty("beside");
    click("hold-input");
    rest();
    expect(host.get("beside")).toBe('f("x")');
    type('f("y")');
    rest();
    expect(compare(host.lastAsk())).toEqual(['f("x")', "after"]);
    expect(find("held").querySelector("mark")!.textContent).toBe("x");
    act(() => find("compare").querySelector<HTMLInputElement>("[value=difference]")!.click());
    rest();
    expect(compare(host.lastAsk())).toEqual(['f("x")', "difference"]);
    expect(find("legend").textContent).toContain("change of activation");
    expect(el.querySelector("[data-nw=edited]")).toBeNull();
    click("hold-input");
    rest();
    expect(host.lastAsk()).not.toHaveProperty("beside");
    expect(el.querySelector("[data-nw=beside]")).toBeNull();
  });

  test("of another length says where there is no difference", () => {
    ofText({ input: 'f("x") + 1', beside: 'f("x")' });
    expect(find("paired").textContent).toContain("4 of 10 tokens have no counterpart in the other text");
  });

  test("may be a picture, whose bytes go along as the second buffer, or a row", () => {
    ofImage();
    const bytes = host.buffers.at(-1)![0]!;
    click("hold-input");
    rest();
    expect(host.lastAsk().beside).toEqual({ kind: "image", width: 8, height: 8 });
    expect(host.buffers.at(-1)).toEqual([bytes, bytes]);
    expect(find("classes").textContent).toContain("in the other picture");
    expect(find("held").querySelector("canvas")).toMatchObject({ width: 8, height: 8 });
    ofTable();
    click("hold-input");
    rest();
    expect(find("held").textContent).toBe("the same in every column");
    act(() => {
      const select = el.querySelector<HTMLSelectElement>("[data-column=side] select")!;
      select.value = "right";
      select.dispatchEvent(new Event("change", { bubbles: true }));
    });
    rest();
    expect(find("held").textContent).toContain("side:");
    expect(host.lastAsk().beside).not.toEqual(host.lastAsk().input);
  });
});

describe("the grid of patches", () => {
  test("is asked of two inputs, read by keys, and a click goes to the layer and the token", () => {
    ofText({ input: 'f("y")', beside: 'f("x")' });
    click("patch");
    rest(100);
    expect(asked("grid")).toMatchObject([{ of: host.lastAsk().seq, sites: "resid" }]);
    const grid = find("patch-grid");
    expect(grid.querySelectorAll("canvas")).toHaveLength(4);
    const key = (name: string) =>
      act(
        () =>
          void grid.dispatchEvent(
            new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }),
          ),
      );
    for (const name of ["ArrowRight", "ArrowRight", "ArrowRight", "ArrowDown"]) key(name);
    expect(find("patch-said").textContent).toContain("resid.1 at token 3 “y”: 0.93 of the difference");
    key("Enter");
    rest();
    expect(host.lastAsk()).toMatchObject({ site: "resid.1", token: 3 });
    act(() => void grid.querySelectorAll<HTMLElement>(".nw-patch-cells")[2]!.click());
    rest();
    expect(host.lastAsk()).toMatchObject({ site: "resid.1" });
  });
});

describe("what the unit is", () => {
  const withAtlas = (traits: Partial<TextSetting> = {}) =>
    ofText({ ...ATLAS_TRAITS, atlas_info: atlasInfo("text", TEXT_SITES), ...traits } as Partial<TextSetting>);

  test("it reads is asked in a pause, and each table says what it would do at the token", () => {
    withAtlas();
    expect(find("reads").querySelectorAll(".nw-read")).toHaveLength(0);
    rest(1000);
    expect(asked("context")).toMatchObject([{ of: host.lastAsk().seq }]);
    expect(find("reads").dataset).toMatchObject({ unit: "mlp.2:17", fresh: "true" });
    expect(find("reads-said").textContent).toBe("mlp.2:17 reads the bigram.");
    expect(find("reads-said").title).toContain("Held-out R²");
    expect(find("read-bigram").textContent).toContain("two tokens 0.83here 0.2");
    expect([find("read-bigram"), find("read-token")].map((one) => one.textContent!.includes("✓"))).toEqual([
      true,
      false,
    ]);
    expect(find("read-token").title).toContain("95 %: .12 to .31; permuted .02 at most");
    type('f("x");');
    rest(100);
    expect(find("reads").dataset).toMatchObject({ unit: "mlp.2:17", fresh: "false" });
    expect(find("read-bigram").textContent).not.toContain("here");
    rest(400);
    expect(find("reads").dataset.fresh).toBe("true");
    expect(asked("context")).toHaveLength(2);
  });

  test("it reads is not asked of an empty text, and what to do is said", () => {
    withAtlas({ input: "" });
    rest(1000);
    expect(asked("context")).toHaveLength(0);
    expect(find("reads-said").textContent).toBe("Type a text to see what the unit reads.");
    type("x");
    rest(1500);
    expect(find("reads-said").textContent).toBe("mlp.2:17 reads the bigram.");
  });

  test("it can be stopped, and says what stands in the way", () => {
    withAtlas({ delay: 300 });
    const until = (count: number) => {
      while (asked("context").length < count) rest(50);
    };
    until(1);
    const { seq, of } = asked("context")[0]!;
    click("study-stop");
    expect(host.sent.at(-1)).toMatchObject({ kind: "stop", seq });
    expect(asked("context")).toHaveLength(1);
    const answer = { kind: "study", of, question: "context", done: 1, total: 1, result: null };
    type('f("x");');
    until(2);
    const again = asked("context").at(-1)!;
    expect(again.seq).toBeGreaterThan(seq);
    act(() => host.kernel({ ...answer, seq: again.seq, problem: "3 documents are too few" }));
    expect(find("reads-said").textContent).toBe("3 documents are too few");
  });

  test("its concepts are asked where they are opened, with exemplars of each", () => {
    withAtlas();
    rest(1000);
    expect(asked("concepts")).toHaveLength(0);
    expect(find("concepts-fold").getAttribute("aria-expanded")).toBe("false");
    click("concepts-fold");
    rest(1000);
    expect(asked("concepts")).toHaveLength(1);
    expect(find("concepts-said").textContent).toContain("mlp.2:17 is 2 concepts");
    const parts = [...find("concepts").querySelectorAll("li")];
    expect(parts.map((one) => one.querySelectorAll("mark").length)).toEqual([4, 4]);
    expect(parts[0]!.textContent).toContain("62 %");
    const followers = parts.map((one) => [...one.querySelectorAll("[data-nw=followers] button")]);
    expect(followers.map((units) => units.map(({ textContent }) => textContent))).toEqual([
      ["mlp.2:417", "mlp.2:88"],
      [],
    ]);
    expect(parts[1]!.textContent).toContain("No unit behind follows it beyond chance.");
    click("concepts-fold");
    click("concepts-fold");
    rest();
    expect(asked("concepts")).toHaveLength(1);
  });

  test("stays in a saved notebook, where no kernel answers", () => {
    withAtlas();
    rest(1000);
    click("concepts-fold");
    rest(1000);
    const said = find("reads").textContent;
    const saved = { atlas_snapshot: host.get("atlas_snapshot"), snapshot: host.get("snapshot") };
    expect(Object.keys(saved.atlas_snapshot as object)).toContain("asked");
    withAtlas({ silent: true, ...saved } as Partial<TextSetting>);
    rest(3000);
    expect(find("reads").textContent).toBe(said);
    expect(said).toContain("here 0.2 ✓");
    expect(find("concepts").querySelectorAll("mark")).toHaveLength(8);
  });
});
