/** The first line of a view: names given in the page and in Python, and the way back through units looked at. */
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { atlasInfo } from "../../fakes/atlas-answers.ts";
import { ATLAS_TRAITS, AtlasKernel } from "../../fakes/atlas-kernel.ts";
import type { Host } from "../../fakes/host.ts";
import { TEXT_SITES, TextKernel } from "../../fakes/text-kernel.ts";
import { openText } from "../../fakes/text-page.ts";
import atlas from "../../src/entries/explorer.tsx";
import { labelOf, readNames, withMarks, withName } from "../../src/session/labels.ts";
import { Trail } from "../../src/ui/naming/trail.ts";
import { sayUnit } from "../../src/ui/naming/unit-name.tsx";

describe("names", () => {
  const evidence = {
    a: ["inside a comment", "held up", "AP .93."],
    b: ["what it was called before", "failed", "AP .1."],
    c: 3,
  };

  test("what tests said stands beside the words that were tested, and no others", () => {
    const labels = withMarks({ a: "inside a comment", b: "f(x)", c: "odd" }, evidence);
    expect(labels).toEqual({
      a: { words: "inside a comment", mark: "held up", says: "AP .93." },
      b: { words: "f(x)", mark: "untested", says: "" },
      c: { words: "odd", mark: "untested", says: "" },
    });
    expect(sayUnit(labels, "a")).toBe("a, inside a comment (held up)");
    expect(sayUnit(labels, "b")).toBe("b, f(x) (untested)");
    expect(sayUnit(labels, "none")).toBe("none");
    expect(labelOf(labels, "none").words).toBe("");
  });

  test("a name is set, and taken away by none", () => {
    const labels = withMarks({ a: "inside a comment", b: "y" }, evidence);
    expect(withName(labels, "c", " y\n z ")).toEqual({ a: "inside a comment", b: "y", c: "y z" });
    expect(withName(labels, "a", "  ")).toEqual({ b: "y" });
  });

  test.each([null, 3, "abc", [1], { a: 4 }, undefined])("%j of a saved notebook names nothing", (value) => {
    expect(readNames(value)).toEqual({});
    expect(withMarks({ a: "x" }, value)).toEqual({ a: { words: "x", mark: "untested", says: "" } });
  });
});

test("the way through units goes back and forward, and ends forward where another is chosen", () => {
  const trail = new Trail();
  let shown: string | null = null;
  const see = (unit: string | null) => {
    shown = unit;
    trail.see(unit);
  };
  const go = (by: -1 | 1) => {
    const to = trail.go(by, shown);
    if (to !== null) see(to);
    return to;
  };
  for (const unit of ["a", "b", "b", "c"]) see(unit);
  expect([go(-1), go(-1), go(-1), go(1)]).toEqual(["b", "a", null, "b"]);
  see("d");
  expect([go(1), go(-1), go(-1), go(-1)]).toEqual([null, "b", "a", null]);
  expect([go(1), go(1), go(1)]).toEqual(["b", "d", null]);
  see(null);
  expect(go(-1)).toBe("d");
  expect(trail.next(1, shown)).toBeNull();
});

describe("the first line", () => {
  let life: AbortController;
  let host: Host;
  let el: HTMLElement;

  beforeEach(() => {
    life = new AbortController();
    vi.stubGlobal("ImageData", globalThis.ImageData ?? class {});
    vi.spyOn(HTMLElement.prototype, "getBoundingClientRect").mockReturnValue(new DOMRect(0, 0, 600, 300));
    vi.useFakeTimers();
    host = new TextKernel({
      input: "ab",
      unit: "mlp.2:17",
      labels: { "mlp.2:17": "inside a string" },
      evidence: { "mlp.2:17": ["inside a string", "held up", "AP .93."] },
    });
    el = openText(host, life.signal);
    settle();
  });
  afterEach(() => {
    act(() => life.abort());
    document.body.replaceChildren();
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  const settle = () => {
    for (let i = 0; i < 5; i++) act(() => void vi.advanceTimersByTime(100));
  };
  const part = (name: string) => el.querySelector<HTMLElement>(`[data-nw="${name}"]`);
  const says = () => part("unit-says")!.textContent;
  const click = (name: string) => {
    act(() => part(name)!.click());
    settle();
  };
  const key = (node: Element, key: string, more: KeyboardEventInit = {}) => {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
    act(() => void node.dispatchEvent(event));
    settle();
    return event.defaultPrevented;
  };
  const write = (words: string) => {
    click("name-it");
    const field = part("name-field") as HTMLInputElement;
    field.value = words;
    return field;
  };
  const choose = (unit: string | null) => {
    act(() => host.python("unit", unit));
    settle();
  };
  const told = () =>
    host.sent.flatMap((one) => ("changes" in one && one.changes.labels ? [one.changes.labels] : []));

  test("says unit, name and evidence, for the ear too", () => {
    expect(says()).toBe("mlp.2:17 · inside a string AP .93.");
    expect(part("unit-said")!.textContent).toBe("mlp.2:17, inside a string (held up)");
    const mark = part("unit-says")!.querySelector(".nw-tested")!;
    expect([mark.getAttribute("role"), mark.getAttribute("aria-label")]).toEqual(["img", "held up"]);
    act(() => host.python("evidence", { "mlp.2:17": ["inside a string", "failed", "AP .1."] }));
    expect(says()).toBe("mlp.2:17 · inside a string AP .1.");
    expect(part("unit-says")!.querySelector("[aria-label=failed]")!.getAttribute("title")).toBe("AP .1.");
    choose("mlp.2:3");
    expect(says()).toBe("mlp.2:3 · no name yet");
    expect(part("name-it")!.getAttribute("aria-label")).toBe("Name mlp.2:3");
  });

  test("Enter tells Python the name, and the focus stays", () => {
    choose("mlp.2:3");
    key(write(" column "), "Enter");
    expect(says()).toBe("mlp.2:3 · column");
    expect(told()).toEqual([{ "mlp.2:17": "inside a string", "mlp.2:3": "column" }]);
    expect(document.activeElement).toBe(part("name-it"));
    key(write(""), "Enter");
    expect(says()).toBe("mlp.2:3 · no name yet");
    expect(told().at(-1)).toEqual({ "mlp.2:17": "inside a string" });
  });

  test("Escape leaves the name as it was, and keys of an input method end nothing", () => {
    const field = write("else");
    key(field, "Enter", { isComposing: true });
    expect(part("name-field")).toBe(field);
    key(field, "Escape");
    expect(says()).toBe("mlp.2:17 · inside a string AP .93.");
    expect(told()).toEqual([]);
  });

  test("what was written is saved to its unit when another is chosen", () => {
    const field = write("quotes");
    act(() => void field.dispatchEvent(new FocusEvent("blur")));
    choose("mlp.2:3");
    expect(told()).toEqual([{ "mlp.2:17": "quotes" }]);
    expect(part("name-field")).toBeNull();
  });

  test("whether a name is right can be asked: the call is copied", async () => {
    const written: string[] = [];
    vi.stubGlobal("navigator", {
      platform: "",
      clipboard: { writeText: async (text: string) => void written.push(text) },
    });
    await act(async () => part("is-it-right")!.click());
    expect(written).toEqual(['nw.BlindTest(live, atlas, "mlp.2:17")']);
    expect(part("is-it-right")!.textContent).toContain("copied");
    choose("mlp.2:3");
    expect(part("is-it-right")).toBeNull();
    vi.unstubAllGlobals();
  });

  test("names from Python show at once", () => {
    act(() => host.python("labels", { "mlp.2:17": "text" }));
    expect(says()).toBe("mlp.2:17 · text");
    expect(told()).toEqual([]);
  });

  test("goes back and forward, by buttons and by keys", () => {
    choose("mlp.2:3");
    choose("mlp.1:5");
    expect(part("unit-back")!.getAttribute("aria-label")).toBe("Back to mlp.2:3");
    click("unit-back");
    expect(says()).toContain("mlp.2:3");
    expect(key(part("editor")!, "ArrowLeft", { altKey: true })).toBe(true);
    expect(says()).toContain("mlp.2:17");
    expect(part("unit-back")!.getAttribute("aria-disabled")).toBe("true");
    click("unit-back");
    key(el.querySelector("[data-nw=site]")!, "ArrowRight", { altKey: true });
    click("unit-forward");
    expect(says()).toContain("mlp.1:5");
    expect(host.get("site")).toBe("mlp.1");
    expect(host.lastAsk().unit).toBe("mlp.1:5");
  });

  test("in a field of a Mac Alt with an arrow moves by words", () => {
    choose("mlp.2:3");
    vi.spyOn(navigator, "platform", "get").mockReturnValue("MacIntel");
    key(part("editor")!.closest("textarea") ?? part("editor")!.querySelector("textarea")!, "ArrowLeft", {
      altKey: true,
    });
    expect(says()).toContain("mlp.2:3");
    key(part("unit-back")!, "ArrowLeft", { altKey: true });
    expect(says()).toContain("mlp.2:17");
  });
});

describe("names show", () => {
  let life: AbortController;
  beforeEach(() => {
    life = new AbortController();
    vi.useFakeTimers();
    vi.stubGlobal("ImageData", globalThis.ImageData ?? class {});
    vi.spyOn(HTMLElement.prototype, "getBoundingClientRect").mockReturnValue(new DOMRect(0, 0, 600, 300));
  });
  afterEach(() => {
    act(() => life.abort());
    document.body.replaceChildren();
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  const labels = Object.fromEntries(
    Array.from({ length: 512 }, (_, unit) => [`mlp.2:${unit}`, `likes ${unit}`]),
  );

  function open(host: Host): HTMLElement {
    const el = document.createElement("div");
    document.body.append(el);
    const widget = atlas();
    act(() => {
      widget.initialize({ model: host, signal: life.signal });
      widget.render({ model: host, el, signal: life.signal });
    });
    for (let i = 0; i < 12; i++) act(() => void vi.advanceTimersByTime(100));
    return el;
  }

  test("in legend, lists, traces and card", () => {
    const info = { atlas_info: atlasInfo("text", TEXT_SITES), ...ATLAS_TRAITS };
    const el = open(new TextKernel({ input: "ab", unit: "mlp.2:17", labels, ...info }));
    const called = (where: string) =>
      [...el.querySelectorAll(`${where} .nw-called`)].map((node) => node.textContent);
    expect(called("[data-nw=legend][data-of=unit]")).toEqual(["likes 17"]);
    expect(called("[data-nw=traces]")).toEqual(["likes 17"]);
    expect(called(".nw-card-head")).toEqual(["likes 17"]);
    const rows = [...el.querySelectorAll<HTMLElement>("[data-nw=units] [data-unit]")];
    expect(called("[data-nw=units]")).toEqual(rows.map((row) => `likes ${row.dataset.unit!.split(":")[1]}`));
    expect(rows.length).toBeGreaterThan(5);
    expect(called("[data-nw=similar]").length).toBeGreaterThan(0);
    const marks = [...el.querySelectorAll("[data-nw=units] .nw-tested")];
    expect(marks.map((mark) => mark.getAttribute("aria-label"))).toEqual(rows.map(() => "untested"));
  });

  test.each(["finder", "exemplars"])("in a %s, where they can be given too", (layout_kind) => {
    const host = new AtlasKernel({ layout_kind, unit: "mlp.2:17", labels });
    const el = open(host);
    expect(el.querySelector("[data-nw=unit-says]")!.textContent).toBe("mlp.2:17 · likes 17");
    act(() => el.querySelector<HTMLElement>("[data-nw=name-it]")!.click());
    const field = el.querySelector<HTMLInputElement>("[data-nw=name-field]")!;
    field.value = "quotes";
    act(() => void field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true })));
    expect(host.sent.at(-1)).toMatchObject({ kind: "set", changes: { labels: { "mlp.2:17": "quotes" } } });
    if (layout_kind === "exemplars") return;
    const rows = [...el.querySelectorAll<HTMLElement>("[data-nw=find-row]")].map((row) => row.dataset.unit!);
    expect(rows.length).toBeGreaterThan(0);
    act(() => host.python("labels", Object.fromEntries(rows.map((unit) => [unit, `name of ${unit}`]))));
    const called = [...el.querySelectorAll("[data-nw=find-row] .nw-called")].map((node) => node.textContent);
    expect(called).toEqual(rows.map((unit) => `name of ${unit}`));
  });
});
