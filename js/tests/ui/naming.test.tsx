/** The first line of a view: names given in the page and in Python, and the way back through units looked at. */
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { atlasInfo } from "../../fakes/atlas-answers.ts";
import { ATLAS_TRAITS, AtlasKernel } from "../../fakes/atlas-kernel.ts";
import type { Host } from "../../fakes/host.ts";
import { TEXT_SITES, TextKernel } from "../../fakes/text-kernel.ts";
import { openText } from "../../fakes/text-page.ts";
import atlas from "../../src/entries/explorer.tsx";
import { nameOf, readLabels, withName } from "../../src/session/labels.ts";
import { Trail } from "../../src/ui/naming/trail.ts";

describe("names", () => {
  test("evidence in brackets at the end is no part of what lists show", () => {
    const labels = {
      a: "inside a comment (AUROC .99)",
      b: "f(x)",
      c: "(odd)",
      d: "x (y) z",
      e: "two (a) (b)",
    };
    expect(nameOf(labels, "a")).toEqual(["inside a comment", "(AUROC .99)"]);
    expect(nameOf(labels, "b")).toEqual(["f(x)", ""]);
    expect(nameOf(labels, "c")).toEqual(["(odd)", ""]);
    expect(nameOf(labels, "d")).toEqual(["x (y) z", ""]);
    expect(nameOf(labels, "e")).toEqual(["two (a)", "(b)"]);
    expect(nameOf(labels, "none")).toEqual(["", ""]);
  });

  test("a name is set, and taken away by none", () => {
    expect(withName({ a: "x" }, "b", " y\n z ")).toEqual({ a: "x", b: "y z" });
    expect(withName({ a: "x", b: "y" }, "a", "  ")).toEqual({ b: "y" });
  });

  test.each([null, 3, "abc", [1], { a: 4 }, undefined])("%j of a saved notebook names nothing", (value) => {
    expect(readLabels(value)).toEqual({});
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
      labels: { "mlp.2:17": "inside a string (AUROC .99)" },
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
    expect(says()).toBe("mlp.2:17 · inside a string (AUROC .99)");
    expect(part("unit-said")!.textContent).toBe("mlp.2:17, inside a string (AUROC .99)");
    choose("mlp.2:3");
    expect(says()).toBe("mlp.2:3 · no name yet");
    expect(part("name-it")!.getAttribute("aria-label")).toBe("Name mlp.2:3");
  });

  test("Enter tells Python the name, and the focus stays", () => {
    choose("mlp.2:3");
    key(write(" column "), "Enter");
    expect(says()).toBe("mlp.2:3 · column");
    expect(told()).toEqual([{ "mlp.2:17": "inside a string (AUROC .99)", "mlp.2:3": "column" }]);
    expect(document.activeElement).toBe(part("name-it"));
    key(write(""), "Enter");
    expect(says()).toBe("mlp.2:3 · no name yet");
    expect(told().at(-1)).toEqual({ "mlp.2:17": "inside a string (AUROC .99)" });
  });

  test("Escape leaves the name as it was, and keys of an input method end nothing", () => {
    const field = write("else");
    key(field, "Enter", { isComposing: true });
    expect(part("name-field")).toBe(field);
    key(field, "Escape");
    expect(says()).toBe("mlp.2:17 · inside a string (AUROC .99)");
    expect(told()).toEqual([]);
  });

  test("what was written is saved to its unit when another is chosen", () => {
    const field = write("quotes");
    act(() => void field.dispatchEvent(new FocusEvent("blur")));
    choose("mlp.2:3");
    expect(told()).toEqual([{ "mlp.2:17": "quotes" }]);
    expect(part("name-field")).toBeNull();
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
    Array.from({ length: 512 }, (_, unit) => [`mlp.2:${unit}`, `likes ${unit} (evidence)`]),
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
    expect(el.textContent).not.toContain("likes 3 (evidence)");
  });

  test.each(["finder", "exemplars"])("in a %s, where they can be given too", (layout_kind) => {
    const host = new AtlasKernel({ layout_kind, unit: "mlp.2:17", labels });
    const el = open(host);
    expect(el.querySelector("[data-nw=unit-says]")!.textContent).toBe("mlp.2:17 · likes 17 (evidence)");
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
