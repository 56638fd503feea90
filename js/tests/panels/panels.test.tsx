import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakeSession } from "../../fakes/fake-session.ts";
import { Explorer } from "../../src/kinds/text/explorer.tsx";
import { HeatmapView } from "../../src/kinds/text/heatmap.tsx";
import type { GuessesPart } from "../../src/panels/guesses/wire.ts";

/** The size of every element: the page of these tests lays nothing out. */
const BOX = { width: 400, height: 320 };
let root: HTMLElement;

beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, "getBoundingClientRect").mockImplementation(
    () =>
      ({
        ...BOX,
        left: 0,
        top: 0,
        right: BOX.width,
        bottom: BOX.height,
        x: 0,
        y: 0,
        toJSON: () => "",
      }) as DOMRect,
  );
  root = document.createElement("div");
  root.className = "nw-root";
  document.body.append(root);
});

afterEach(() => {
  act(() => render(null, root));
  root.remove();
  vi.restoreAllMocks();
});

function show(session: FakeSession, View = Explorer): void {
  act(() => render(<View session={session} />, root));
  // As high as the box of every element.
  const tall = root.querySelector<HTMLElement>("[data-nw=map-tall]");
  if (tall) click(tall);
}

function find<T extends HTMLElement>(selector: string): T {
  const node = root.querySelector<T>(selector);
  if (!node) throw new Error(`nothing is called ${selector}`);
  return node;
}

function key(node: HTMLElement, name: string, more: KeyboardEventInit = {}): void {
  act(
    () =>
      void node.dispatchEvent(
        new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...more }),
      ),
  );
}

function click(node: HTMLElement): void {
  act(() => void node.dispatchEvent(new MouseEvent("click", { bubbles: true })));
}

/** A press and release on a picture at fractions of it. */
function press(node: HTMLElement, x: number, y: number): void {
  act(() => {
    for (const kind of ["pointermove", "pointerdown", "pointerup"]) {
      const at = { clientX: x * BOX.width, clientY: y * BOX.height, button: 0, bubbles: true };
      node.dispatchEvent(new PointerEvent(kind, at));
    }
  });
}

function change(node: HTMLInputElement | HTMLSelectElement, value: string, kind: string): void {
  act(() => {
    node.value = value;
    node.dispatchEvent(new Event(kind, { bubbles: true }));
  });
}

describe("what is asked for", () => {
  test("never more than the pixels, the units or the tokens", () => {
    const session = new FakeSession({ units: 64 });
    show(session);
    expect(session.needs.map).toEqual({ rows: null, cols: null, height: 64, width: 400 });
    expect(session.needs.overview).toEqual({ width: 400 });
    const large = new FakeSession({ units: 1000 });
    show(large, HeatmapView);
    expect(large.needs.map?.height).toBe(360);
  });

  test("few rows at first, and more where a person wants them", () => {
    const session = new FakeSession({ units: 1000 });
    show(session);
    expect(session.needs.map?.height).toBe(320);
    click(find("[data-nw=map-tall]"));
    expect(session.needs.map?.height).toBe(150);
    expect(find("[data-nw=map-tall]").getAttribute("aria-pressed")).toBe("false");
  });

  test("nothing any more once the view is gone", () => {
    const session = new FakeSession();
    show(session);
    act(() => render(null, root));
    expect(session.needs).toEqual({});
  });

  test("no overview while it is closed", () => {
    const session = new FakeSession();
    show(session);
    click(find(".nw-fold"));
    expect(session.view.value.overview).toBe(false);
    expect(session.needs.overview).toBeUndefined();
    expect(root.querySelector("[data-nw=overview]")).toBeNull();
  });

  test("the part that is zoomed to, and another site's units from the start", () => {
    const session = new FakeSession({ units: 640 });
    show(session);
    click(find("[data-nw=zoom-in]"));
    const rows = session.needs.map!.rows!;
    expect(rows[1] - rows[0]).toBe(320);
    change(find<HTMLSelectElement>("[data-nw=site]"), "mlp.2", "change");
    expect(session.needs.map!.rows).toBeNull();
  });
});

describe("the heatmap", () => {
  test("a click chooses the unit and the token under it", () => {
    const session = new FakeSession({ text: "abcdefgh", units: 32 });
    show(session);
    press(find("[data-nw=map]"), (2 + 0.5) / 8, (5 + 0.5) / 32);
    expect(session.unit.value).toBe("mlp.0:5");
    expect(session.selection.value.token).toBe(2);
  });

  test("in a pooled bin the strongest unit is chosen, when the kernel has named it", () => {
    const session = new FakeSession({
      text: "abcd",
      units: 3200,
      value: (_, unit, token) => (unit === 17 && token === 1 ? 9 : unit === 12 && token === 2 ? -20 : 0.1),
    });
    show(session);
    session.answering = false;
    // Units 10…19 share a bin; 12 is its strongest over all tokens, 17 at this one.
    press(find("[data-nw=map]"), 1.5 / 4, 1.5 / 320);
    expect(session.unit.value).toBeNull();
    const { x, y } = session.probed.at(-1)!;
    act(() => {
      session.probe.value = session.answerTo("map", x, y);
    });
    expect(session.unit.value).toBe("mlp.0:17");
  });

  test("zoomed in, what is chosen elsewhere comes into sight", () => {
    const session = new FakeSession({ text: "abcdefgh".repeat(40), units: 640 });
    show(session);
    const map = find("[data-nw=map]");
    act(() => session.setToken(0));
    for (let i = 0; i < 3; i++) key(map, "+");
    act(() => session.setToken(300));
    const [from, to] = session.needs.map!.cols!;
    expect(from <= 300 && 300 < to).toBe(true);
    act(() => session.setUnit("mlp.0:600"));
    const [low, high] = session.needs.map!.rows!;
    expect(low <= 600 && 600 < high).toBe(true);
  });

  test("a reading of another cell does not decide a choice", () => {
    const session = new FakeSession({ text: "abcd", units: 3200 });
    show(session);
    session.answering = false;
    press(find("[data-nw=map]"), 1.5 / 4, 1.5 / 320);
    act(() => {
      session.probe.value = session.answerTo("map", 3, 1);
    });
    expect(session.unit.value).toBeNull();
  });

  test("the tooltip tells the exact value, and what a bin pools", () => {
    const session = new FakeSession({
      text: "abcd",
      units: 3200,
      value: (_, unit) => (unit === 13 ? 1.5 : 0.25),
    });
    show(session);
    const map = find("[data-nw=map]");
    act(
      () =>
        void map.dispatchEvent(
          new PointerEvent("pointermove", { clientX: 150, clientY: 1.5, bubbles: true }),
        ),
    );
    const tooltip = find("[data-nw=tooltip]");
    expect(tooltip.getAttribute("role")).toBe("tooltip");
    expect(tooltip.textContent).toContain("1.5");
    expect(tooltip.textContent).toContain("mlp.0:13");
    expect(tooltip.textContent).toContain("strongest of 10 units × 1 token");
    act(() => void map.dispatchEvent(new PointerEvent("pointerleave")));
    expect(root.querySelector("[data-nw=tooltip]")).toBeNull();
  });

  test("until the answer is there, the tooltip is as exact as the colour and says so", () => {
    const session = new FakeSession({ text: "abcd", units: 32, value: () => 1.2345 });
    show(session);
    session.answering = false;
    const map = find("[data-nw=map]");
    act(
      () =>
        void map.dispatchEvent(
          new PointerEvent("pointermove", { clientX: 150, clientY: 100, bubbles: true }),
        ),
    );
    expect(find("[data-nw=tooltip]").textContent).toMatch(/≈ 1\.2/);
  });

  test("the keyboard alone: move, choose, pin, zoom, pan, everything again", () => {
    const session = new FakeSession({ text: "abcdefgh", units: 640 });
    show(session);
    const map = find("[data-nw=map]");
    key(map, "0");
    key(map, "+");
    const { rows } = session.needs.map!;
    expect(rows![1] - rows![0]).toBe(320);
    key(map, "ArrowDown", { shiftKey: true });
    expect(session.needs.map!.rows![0]).toBe(rows![0] + 32);
    key(map, "ArrowDown");
    key(map, "ArrowDown");
    key(map, "ArrowLeft");
    key(map, "Enter");
    const unit = rows![0] + 32 + 1;
    expect(session.unit.value).toBe(`mlp.0:${unit}`);
    expect(session.selection.value.token).toBe(6);
    expect(find("[data-nw=said]").textContent).toContain(`mlp.0:${unit}, token 6`);
    key(map, "p");
    expect(session.pins.value).toEqual([`mlp.0:${unit}`]);
    key(map, "0");
    expect(session.needs.map!.rows).toBeNull();
  });

  test("keys with Ctrl, and others, are left to the notebook", () => {
    show(new FakeSession());
    const map = find("[data-nw=map]");
    for (const [name, more] of [
      ["a", {}],
      ["Enter", { ctrlKey: true }],
      ["Tab", {}],
    ] as const) {
      const event = new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...more });
      act(() => void map.dispatchEvent(event));
      expect(event.defaultPrevented).toBe(false);
    }
  });

  test("the wheel alone scrolls the notebook, in a chosen picture too; with Ctrl it zooms", () => {
    const session = new FakeSession({ units: 640 });
    show(session);
    const map = find("[data-nw=map]");
    const wheel = (more: MouseEventInit) => {
      // The test page's WheelEvent knows no Ctrl key.
      const event = new MouseEvent("wheel", { bubbles: true, cancelable: true, ...more });
      Object.assign(event, { deltaY: -120, deltaMode: 0 });
      act(() => void map.dispatchEvent(event));
      return event.defaultPrevented;
    };
    expect(wheel({})).toBe(false);
    expect(session.needs.map!.rows).toBeNull();
    expect(wheel({ ctrlKey: true })).toBe(true);
    expect(session.needs.map!.rows).not.toBeNull();
    const { rows } = session.needs.map!;
    map.focus();
    expect(wheel({})).toBe(false);
    expect(session.needs.map!.rows).toEqual(rows);
  });

  test("is summed up for those who cannot see it", () => {
    const session = new FakeSession({
      text: "ab",
      units: 8,
      value: (_, unit, token) => (unit === 3 && token === 1 ? -5 : 0),
    });
    show(session);
    expect(find("[data-nw=map]").getAttribute("aria-label")).toMatch(
      /Heatmap of mlp\.0: 8 units by 2 tokens\. Strongest: unit 3 at token 1, b, about −5/,
    );
  });
});

describe("what is pointed at", () => {
  const move = (node: Element, x: number, y: number) =>
    act(
      () =>
        void node.dispatchEvent(
          new PointerEvent("pointermove", { clientX: x * BOX.width, clientY: y * BOX.height, bubbles: true }),
        ),
    );
  const leave = (node: Element) => act(() => void node.dispatchEvent(new PointerEvent("pointerleave")));
  const inText = () => [...root.querySelectorAll(".nw-tok[data-pointed]")].map((token) => token.textContent);

  test("in a map is marked in the text and the traces, in a trace in the text", () => {
    const session = new FakeSession({ text: "abcdefgh", units: 32 });
    show(session);
    act(() => session.setUnit("mlp.0:3"));
    const map = find("[data-nw=map]");
    move(map, 2.5 / 8, 0.1);
    expect(inText()).toEqual(["c"]);
    expect(root.querySelectorAll(".nw-trace .nw-mark-hover")).toHaveLength(1);
    leave(map);
    expect(inText()).toEqual([]);
    const trace = find(".nw-trace .nw-picture");
    move(trace, 4.5 / 8, 0.5);
    expect(inText()).toEqual(["e"]);
    leave(trace);
    expect(inText()).toEqual([]);
  });

  test("in the text is marked in every picture", () => {
    show(new FakeSession({ text: "abcdefgh", units: 32 }));
    const hit = () => [find('.nw-tok[data-token="5"]')];
    Object.assign(document, { elementsFromPoint: hit });
    move(find("[data-nw=editor]"), 0.5, 0.5);
    expect(inText()).toEqual(["f"]);
    const marks = [...root.querySelectorAll<HTMLElement>(".nw-picture .nw-mark-hover")];
    expect(marks.length).toBeGreaterThan(1);
    expect(marks.map(({ style }) => style.left)).toEqual(marks.map(() => "62.5%"));
    leave(find("[data-nw=editor]"));
    expect(root.querySelector(".nw-mark-hover")).toBeNull();
    Reflect.deleteProperty(document, "elementsFromPoint");
  });
});

describe("the axis of tokens", () => {
  const words = () => [...root.querySelectorAll(".nw-token-axis .nw-tick")].map((tick) => tick.textContent);

  test("has letters at any length, so that no key flips it, and is thinned out", () => {
    for (const length of [10, 44, 45, 57, 200, 3000]) {
      show(new FakeSession({ text: "abcdefghij".repeat(length).slice(0, length) }));
      expect(words().every((word) => /^[a-j]$/.test(word!))).toBe(true);
      expect(words().length).toBeGreaterThan(Math.min(8, length - 1));
      expect(words().length).toBeLessThan(2 * (BOX.width / 5));
      act(() => render(null, root));
    }
  });
});

describe("the overview", () => {
  test("a click looks into the layer, at the token, by its strongest unit", () => {
    const session = new FakeSession({
      text: "abcd",
      units: 16,
      value: (site, unit, token) => (site === 2 && unit === 11 && token === 3 ? 4 : 0.1),
    });
    show(session);
    press(find("[data-nw=overview]"), 3.5 / 4, 2.5 / 4);
    expect(session.site.value).toBe("mlp.2");
    expect(session.unit.value).toBe("mlp.2:11");
    expect(session.selection.value.token).toBe(3);
  });
});

describe("the toolbar", () => {
  test("order, hold, log", () => {
    const session = new FakeSession();
    show(session);
    expect(find<HTMLInputElement>("[data-nw=hold]").disabled).toBe(true);
    change(find<HTMLSelectElement>("[data-nw=order]"), "strength", "change");
    expect(session.view.value.order).toBe("strength");
    expect(find<HTMLInputElement>("[data-nw=hold]").disabled).toBe(false);
    const log = find<HTMLInputElement>("[data-nw=log]");
    act(() => log.click());
    expect(session.view.value.mode).toBe("log");
    expect(find("[data-nw=legend][data-of=map]").textContent).toContain("logarithmic");
  });

  test("what is set once stands behind one button, and is reached and left by keys", () => {
    const session = new FakeSession();
    show(session);
    const button = find("[data-nw=map-settings]");
    const box = document.getElementById(button.getAttribute("aria-controls")!)!;
    expect([...box.querySelectorAll<HTMLElement>("[data-nw]")].map(({ dataset }) => dataset.nw)).toEqual([
      "log",
      "pin-scale",
      "hold",
    ]);
    expect(box.hidden).toBe(true);
    click(button);
    expect(box.hidden).toBe(false);
    expect(document.activeElement).toBe(find("[data-nw=log]"));
    click(find("[data-nw=pin-scale]"));
    expect(button.getAttribute("aria-label")).toContain("pinned colours");
    const leave = new KeyboardEvent("keydown", { key: "Escape", bubbles: true });
    act(() => void find("[data-nw=log]").dispatchEvent(leave));
    expect(box.hidden).toBe(true);
    expect(document.activeElement).toBe(button);
    click(button);
    act(() => void document.body.dispatchEvent(new Event("pointerdown", { bubbles: true })));
    expect(box.hidden).toBe(true);
  });

  test("a filter keeps units, and says what it could not read", () => {
    const session = new FakeSession({ units: 64 });
    show(session);
    const filter = find<HTMLInputElement>("[data-nw=filter]");
    change(filter, "3, 17-20", "input");
    expect(session.frame.value!.parts.map!.total).toBe(5);
    expect(find(".nw-filter").textContent).toContain("5 units");
    act(() => session.setUnit("mlp.0:40"));
    expect(find(".nw-filter").textContent).toContain("not 40");
    change(filter, "3, x", "input");
    expect(filter.getAttribute("aria-invalid")).toBe("true");
    expect(find(".nw-problem").textContent).toContain("“x” is not a unit");
  });

  test("colours are pinned at the ends they have, edited, and let go", () => {
    const session = new FakeSession();
    show(session);
    const pin = find("[data-nw=pin-scale]");
    click(pin);
    expect(session.view.value.pinned).toEqual({ "mlp.0": [-7.5, 7.5] });
    expect(pin.getAttribute("aria-pressed")).toBe("true");
    change(find<HTMLInputElement>("[data-nw=pinned-hi]"), "2", "change");
    expect(session.view.value.pinned).toEqual({ "mlp.0": [-2, 2] });
    change(find<HTMLInputElement>("[data-nw=pinned-lo]"), "0.5", "change");
    expect(session.view.value.pinned).toEqual({ "mlp.0": [0.5, 2] });
    change(find<HTMLInputElement>("[data-nw=pinned-hi]"), "0.25", "change");
    expect(session.view.value.pinned).toEqual({ "mlp.0": [0.5, 2] });
    click(pin);
    expect(session.view.value.pinned).toEqual({});
  });
});

describe("the lists", () => {
  test("the list is one stop of Tab, and arrow keys move within", () => {
    const session = new FakeSession();
    show(session);
    const buttons = () => [...find("[data-nw=units]").querySelectorAll("button")];
    const stops = () => buttons().flatMap((button, at) => (button.tabIndex === 0 ? [at] : []));
    expect(buttons().length).toBeGreaterThan(10);
    expect(stops()).toEqual([0]);
    act(() => session.setUnit(buttons()[4]!.parentElement!.dataset.unit!));
    expect(stops()).toEqual([4]);
    // Each line has two buttons: the unit and its pin.
    vi.mocked(HTMLElement.prototype.getBoundingClientRect).mockImplementation(function (this: HTMLElement) {
      return new DOMRect(0, 24 * Math.floor(buttons().indexOf(this as HTMLButtonElement) / 2), 24, 24);
    });
    buttons()[4]!.focus();
    for (const [name, at] of [
      ["ArrowDown", 6],
      ["ArrowRight", 7],
      ["ArrowUp", 5],
      ["Home", 0],
    ] as const) {
      key(document.activeElement as HTMLElement, name);
      expect(buttons().indexOf(document.activeElement as HTMLButtonElement)).toBe(at);
    }
  });

  test("numbers of the list have three digits, and all of them in their tooltips", () => {
    show(new FakeSession({ value: (_, unit) => 0.123456 + unit }));
    const row = find("[data-nw=units] li");
    expect(row.querySelector(".nw-number")!.textContent).toMatch(/^\d+\.?\d*$/);
    expect(row.querySelector(".nw-number")!.textContent!.replace(".", "").length).toBeLessThanOrEqual(3);
    expect(row.querySelector("button")!.title).toMatch(/\.\d{5,}\)$/);
  });

  test("a unit of the list is chosen and pinned", () => {
    const session = new FakeSession();
    show(session);
    const row = find("[data-nw=units] [data-unit]");
    click(row.querySelector<HTMLElement>(".nw-unit-button")!);
    expect(session.unit.value).toBe(row.dataset.unit);
    click(row.querySelector<HTMLElement>("[data-nw=pin]")!);
    expect(session.pins.value).toEqual([row.dataset.unit]);
    expect(find(`[data-nw=traces] [data-trace="${row.dataset.unit}"] path`).getAttribute("d")).toMatch(/^M/);
  });

  test("guesses show whitespace, and what really follows with its rank", () => {
    const session = new FakeSession({ text: "a\tq" });
    session.focus.value = 1;
    show(session);
    const guesses = find("[data-nw=guesses]");
    expect(guesses.textContent).toContain("⏎");
    expect(guesses.querySelector(".nw-really")?.textContent).toContain("⇥");
    act(() => session.moveCursor(2));
    expect(guesses.querySelector(".nw-beyond")?.textContent).toContain("31");
    act(() => session.moveCursor(3));
    expect(guesses.textContent).toContain("Nothing follows yet");
  });

  test("guesses of other kinds say what they are of", () => {
    const session = new FakeSession({ text: "abc" });
    session.catalog.value = { ...session.catalog.value, predicts: "whole" };
    show(session);
    const frame = session.frame.value!;
    const say = (guesses: GuessesPart) =>
      act(() => {
        session.frame.value = { ...frame, parts: { ...frame.parts, guesses } };
      });
    const words = () => find("[data-nw=guesses]").textContent;
    const list = [{ text: "calm", p: 0.75 }];
    say({ about: "here", list, actual: { text: "c", p: 0.1, rank: 4 } });
    expect(words()).toContain("What does the model expect here?");
    expect(words()).toContain("Really here: c had 10 %, rank 4.");
    say({ about: "here", classes: true, list, actual: null });
    expect(words()).not.toContain("Really here");
    say({ about: "first", list, actual: null });
    expect(words()).toContain("How does the answer begin?");
    say({ about: "whole", classes: true, list, actual: null });
    expect(words()).toMatch(/What does the model say\?.*of the whole text.*calm.*75 %/);
    expect(words()).not.toContain("token");
    say({ about: "whole", classes: true, list: [{ text: "calm", p: 0.25 }], actual: null });
    expect(find<HTMLElement>(".nw-bar-row .nw-was").style.left).toBe("75%");
    expect(words()).toContain("before 75 %");
    session.catalog.value = { ...session.catalog.value, output: "mood" };
    say({ about: "here", classes: true, list, actual: null });
    expect(find("[data-nw=guesses] h3").textContent).toBe("What does the model expect here? (mood)");
  });

  test("a chosen token can be let go, and the cursor is followed again", () => {
    const session = new FakeSession({ text: "abc" });
    session.setToken(0);
    show(session);
    click(find("[data-nw=guesses] .nw-link"));
    expect(session.selection.value.token).toBeNull();
  });

  test("text of models and users stays text", () => {
    const evil = "</script><img src=x onerror=alert(1)>";
    const session = new FakeSession({ text: evil });
    session.catalog.value = { ...session.catalog.value, model: evil, measure: evil };
    show(session);
    expect(root.querySelector("img, script")).toBeNull();
    expect(find(".nw-model").textContent).toBe(evil);
  });
});

describe("odd states", () => {
  test("no tokens: says what to do", () => {
    show(new FakeSession({ text: "" }));
    expect(root.textContent).toContain("There are no tokens yet");
  });

  test("no kernel: the picture stays, what needs an answer is off, and it is said", () => {
    const session = new FakeSession();
    show(session);
    act(() => {
      session.state.value = "no-kernel";
    });
    expect(find(".nw-notice").textContent).toContain("last picture");
    expect(find<HTMLSelectElement>("[data-nw=order]").disabled).toBe(true);
    press(find("[data-nw=map]"), 0.5, 0.5);
    expect(session.unit.value).toBeNull();
  });

  test("values that are no numbers have their colours in the legend, only then", () => {
    const session = new FakeSession();
    show(session);
    expect(root.querySelector(".nw-odd")).toBeNull();
    act(() => {
      const frame = session.frame.value!;
      session.frame.value = { ...frame, head: { ...frame.head, odd: { nan: 3, inf: 0 } } };
    });
    expect(find("[data-of=map] .nw-odd").textContent).toContain("NaN: 3 values");
  });

  test("help opens, lists the keys, and closes with Escape", () => {
    show(new FakeSession());
    click(find("[data-nw=help]"));
    expect(find(".nw-help-box").textContent).toContain("Page Up/Down");
    expect(find(".nw-help-box").getAttribute("role")).toBe("dialog");
    expect(document.activeElement).toBe(find(".nw-help-box"));
    key(find(".nw-help-box"), "Escape");
    expect(document.activeElement).toBe(find("[data-nw=help]"));
    expect(root.querySelector(".nw-help-box")).toBeNull();
  });
});
