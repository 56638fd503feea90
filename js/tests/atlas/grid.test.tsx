/** The grid of exemplars as anywidget shows it, with the kernel played by the test. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { act } from "preact/test-utils";
import { afterEach, describe, expect, it, vi } from "vitest";
import { view } from "../../fakes/frame-writer.ts";
import { Host } from "../../fakes/host.ts";
import define from "../../src/entries/explorer.tsx";
import "../../src/entries/inputs.tsx";
import type { Group } from "../../src/wire/shared.ts";

type Sent = Record<string, unknown> & { kind: string; seq: number; want?: string };

const open: AbortController[] = [];
afterEach(() => {
  act(() => {
    for (const life of open.splice(0)) life.abort();
  });
  document.body.replaceChildren();
});

function grid(traits: Record<string, unknown> = {}) {
  const host = new Host();
  Object.assign(host.traits, {
    layout_kind: "exemplars",
    unit: "mlp.0:3",
    shown: { group: "top", context: "full" },
    picked: [],
    atlas_info: {
      model: "tiny",
      input: "text",
      documents: 9,
      tokens: 900,
      sites: [{ name: "mlp.0", kind: "mlp", width: 8, layer: 0 }],
    },
    ...traits,
  });
  const life = new AbortController();
  open.push(life);
  const el = document.createElement("div");
  document.body.append(el);
  const widget = define();
  act(() => {
    widget.initialize({ model: host, signal: life.signal });
    widget.render({ model: host, el, signal: life.signal });
  });
  const root = el.firstElementChild as HTMLElement;
  const sent = host.sent as unknown as Sent[];
  const asked = (want: string) => sent.filter((message) => message.want === want);
  const all = (selector: string) => [...root.querySelectorAll<HTMLElement>(selector)];
  return { host, root, sent, asked, all, life };
}

/** An answer to the last question for exemplars: `total` of them, each of three tokens. */
function answer(
  { host, asked }: ReturnType<typeof grid>,
  total: number,
  more: Record<string, unknown> = {},
  ask = asked("exemplars").at(-1)!,
) {
  const first = ask.first as number;
  const count = Math.min(ask.count as number, total - first);
  const rows = Array.from({ length: count }, (_, i) => ({
    key: first + i,
    stratum: -1,
    rank: first + i,
    value: 5 - (first + i) / 1000,
    copies: i === 1 ? 3 : 1,
    document: i,
    id: `doc ${first + i}`,
    label: null,
    position: 40,
    peak: 1,
    pieces: ["<b>", `t${first + i}`, "\n"],
    values: 3,
  }));
  const values = Float32Array.from({ length: 3 * count }, (_, i) => (i % 3 === 1 ? 5 : 0));
  const groups: Record<Group, number> = { top: total, bottom: 0, intervals: 2, quantiles: 2 };
  act(() =>
    host.kernel(
      {
        kind: "atlas",
        seq: ask.seq,
        want: "exemplars",
        ...{ unit: ask.unit, group: ask.group, groups, first, total, strata: [], state: "ok", seen: 900 },
        scale: { lo: 0, hi: 5, mode: "linear", knee: 1, signed: false, pinned: false },
        ...{ input: "text", rows, arrays: [{ name: "values", dtype: "f32", shape: [3 * count] }] },
        ...more,
      },
      [view(values)],
    ),
  );
}

const changes = (sent: Sent[]) =>
  sent.filter(({ kind }) => kind === "set").map((message) => message.changes as Record<string, unknown>);

describe("a grid of exemplars", () => {
  it("fills a row with what stands around the tokens, as text and unshaded", () => {
    const width = vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(900);
    const it = grid();
    const around = [
      ["<i>be", "fore</i>\n"],
      ["", ""],
    ];
    answer(it, 2, { around });
    const [first, second] = it.all("[data-nw=exemplar] .nw-ex-what");
    expect(first!.textContent).toBe("<i>be<b>t0⏎fore</i>⏎");
    expect(first!.querySelector("i")).toBeNull();
    expect(
      [...first!.querySelectorAll<HTMLElement>(".nw-ex-around")].map(({ style }) => style.background),
    ).toEqual(["", ""]);
    expect(second!.querySelector(".nw-ex-around")).toBeNull();
    width.mockRestore();
  });

  it("says what an atlas that was imported does not hold", () => {
    const it = grid();
    const missing = "The files hold no random sample of documents.";
    answer(it, 0, { missing });
    expect(it.root.querySelector("[data-nw=exemplars-none]")!.textContent).toBe(missing);
  });

  it("offers no document where none is known, and says nothing of where that is", () => {
    const it = grid();
    const row = {
      ...{ key: 0, stratum: -1, rank: 0, value: 2, copies: 0, document: null, id: "", label: null },
      ...{ position: null, peak: 1, pieces: ["a", "b", "c"], values: 3 },
    };
    answer(it, 1, { rows: [row] });
    const item = it.root.querySelector("[data-nw=exemplar]")!;
    expect(item.querySelector("[data-nw=exemplar-open]")).toBeNull();
    expect(item.querySelector("[data-nw=exemplar-use]")).not.toBeNull();
    expect(item.querySelector(".nw-ex-id")!.getAttribute("title") ?? "").toBe("");
  });

  it("asks for the unit's, and shows texts as text", () => {
    const it = grid();
    expect(it.asked("exemplars")).toMatchObject([{ v: 2, unit: "mlp.0:3", group: "top", first: 0 }]);
    answer(it, 3);
    expect(it.root.matches("[data-nw=exemplar-grid][data-state=live]")).toBe(true);
    const rows = it.all("[data-nw=exemplar]");
    expect(rows.map((row) => row.dataset.key)).toEqual(["0", "1", "2"]);
    expect(rows[0]!.textContent).toContain("<b>t0⏎");
    expect(rows[0]!.querySelector("b")).toBeNull();
    expect(rows[0]!.querySelector(".nw-ex-peak")!.textContent).toBe("t0");
    expect(rows[1]!.textContent).toContain("×3");
  });

  it("has three digits of a value on the line, all of them for who points at it", () => {
    const it = grid();
    answer(it, 3);
    const value = it.all("[data-nw=exemplar] .nw-ex-value")[1]!;
    expect([value.textContent, value.title]).toEqual(["5", "4.999"]);
  });

  it("does not paint over the peak, which is what one reads", () => {
    const it = grid();
    answer(it, 1);
    const tokens = it.all("[data-nw=exemplar] .nw-ex-token");
    expect(tokens.map(({ style }) => style.background !== "")).toEqual([true, false, true]);
    expect(tokens[1]!.style.borderColor).not.toBe("");
  });

  it("draws a part of a long list, and asks for what comes into sight", () => {
    const it = grid();
    answer(it, 1000);
    expect(it.all("[data-nw=exemplar]").length).toBeLessThan(60);
    const list = it.all("[data-nw=exemplar-list]")[0]!;
    Object.defineProperty(list, "scrollTop", { value: 700 * 30, writable: true });
    act(() => void list.dispatchEvent(new Event("scroll")));
    expect(it.asked("exemplars").at(-1)).toMatchObject({ first: 600, count: 100 });
    answer(it, 1000);
    expect(it.asked("exemplars").at(-1)).toMatchObject({ first: 700 });
    answer(it, 1000);
    expect(it.all("[data-nw=exemplar]").some((row) => row.dataset.key === "701")).toBe(true);
    expect(it.asked("exemplars")).toHaveLength(3);
  });

  it("says what to update where the kernel speaks another version", () => {
    const it = grid();
    act(() => it.host.emit("msg:custom", { v: 99, kind: "atlas", seq: 1 }, []));
    expect(it.root.textContent).toContain("version 99");
  });

  it("follows Python to another unit, and only the newest question counts", () => {
    const it = grid();
    answer(it, 3);
    act(() => it.host.python("unit", "mlp.0:4"));
    act(() => it.host.python("unit", "mlp.0:5"));
    act(() => it.host.python("unit", "mlp.0:6"));
    const [, second, ...rest] = it.asked("exemplars");
    expect(second).toMatchObject({ unit: "mlp.0:4" });
    expect(rest).toEqual([]);
    const section = it.all("[data-nw=exemplars]")[0]!;
    expect(section.dataset.fresh).toBe("false");
    answer(it, 2, {}, second);
    expect(it.asked("exemplars").at(-1)).toMatchObject({ unit: "mlp.0:6" });
    answer(it, 2);
    expect(section.dataset).toMatchObject({ unit: "mlp.0:6", fresh: "true" });
  });

  it("tabs and tokens are told to Python, by mouse and by key", () => {
    const it = grid();
    answer(it, 3);
    const tabs = it.all("[data-nw=exemplar-tab]");
    expect(tabs.map((tab) => tab.textContent)).toEqual(["Top 3", "Intervals 2", "Quantiles 2", "Bottom 0"]);
    act(() => tabs[1]!.click());
    expect(changes(it.sent).at(-1)).toEqual({ shown: { group: "intervals", context: "full" } });
    expect(it.asked("exemplars").at(-1)).toMatchObject({ group: "intervals" });
    act(
      () =>
        void tabs[1]!.dispatchEvent(
          new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true, cancelable: true }),
        ),
    );
    expect(changes(it.sent).at(-1)).toEqual({ shown: { group: "quantiles", context: "full" } });
    const select = it.root.querySelector<HTMLSelectElement>("[data-nw=context]")!;
    select.value = "5";
    act(() => void select.dispatchEvent(new Event("change", { bubbles: true })));
    expect(changes(it.sent).at(-1)).toEqual({ shown: { group: "quantiles", context: "5" } });
  });

  it("names the strata by their values", () => {
    const it = grid({ shown: { group: "intervals", context: "5" } });
    const strata = [
      { stratum: 4, first: 0, count: 2, low: 4, high: 5 },
      { stratum: 0, first: 2, count: 1, low: 0, high: 1 },
    ];
    answer(it, 3, { strata });
    expect(it.all(".nw-ex-head").map((head) => head.textContent)).toEqual([
      "Interval 5 of 5 (highest): 4 to 5",
      "Interval 1 of 5 (lowest): 0 to 1",
    ]);
  });

  it("picks by click and key; another unit forgets what was picked", () => {
    const it = grid();
    answer(it, 5);
    const row = (key: number) => it.root.querySelector<HTMLElement>(`[data-key="${key}"]`)!;
    const click = (key: number, how: MouseEventInit = {}) =>
      act(() => void row(key).dispatchEvent(new MouseEvent("click", { bubbles: true, ...how })));
    click(1);
    click(3, { shiftKey: true });
    click(0, { ctrlKey: true });
    expect(changes(it.sent).at(-1)).toEqual({ unit: "mlp.0:3", picked: [1, 2, 3, 0] });
    expect(row(2).getAttribute("aria-selected")).toBe("true");
    expect(it.root.querySelector("[data-nw=picked-count]")!.textContent).toContain("4 exemplars");
    const key = (name: string, how: KeyboardEventInit = {}) =>
      act(
        () =>
          void it
            .all("[data-nw=exemplar-list]")[0]!
            .dispatchEvent(
              new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...how }),
            ),
      );
    key("Escape");
    expect(changes(it.sent).at(-1)).toEqual({ unit: "mlp.0:3", picked: [] });
    key("ArrowDown");
    key(" ");
    expect(changes(it.sent).at(-1)).toEqual({ unit: "mlp.0:3", picked: [1] });
    key("ArrowDown", { shiftKey: true });
    expect(changes(it.sent).at(-1)).toEqual({ unit: "mlp.0:3", picked: [1, 2] });
    key("a", { ctrlKey: true });
    expect(changes(it.sent).at(-1)).toEqual({ unit: "mlp.0:3", picked: [0, 1, 2, 3, 4] });
    act(() => it.host.set("picked", [4]));
    expect(row(4).getAttribute("aria-selected")).toBe("true");
    expect(row(1).getAttribute("aria-selected")).toBe("false");
    act(() => it.host.python("unit", "mlp.0:4"));
    expect(changes(it.sent).at(-1)).toEqual({ unit: "mlp.0:4", picked: [] });
  });

  it("opens a document where the exemplar stands, and closes it again", () => {
    const it = grid();
    answer(it, 3);
    const button = it.root.querySelector<HTMLElement>('[data-key="1"] [data-nw=exemplar-open]')!;
    act(() => button.click());
    const ask = it.asked("document").at(-1)!;
    expect(ask).toMatchObject({ unit: "mlp.0:3", key: 1 });
    const text = "before <b>t1\nafter";
    const spans = Int32Array.from([7, 10, 10, 12, 12, 13]);
    act(() =>
      it.host.kernel(
        {
          ...{
            kind: "atlas",
            seq: ask.seq,
            want: "document",
            document: 1,
            id: "doc 1",
            tokens: 9,
            key: 1,
            text,
          },
          cut: [0, text.length, text.length],
          arrays: [{ name: "spans", dtype: "i32", shape: [3, 2] }],
        },
        [view(spans)],
      ),
    );
    const shown = it.root.querySelector<HTMLElement>("[data-nw=document-text]")!;
    expect(shown.textContent).toBe(text);
    expect([...shown.querySelectorAll("mark")].map((mark) => mark.textContent)).toEqual(["<b>", "t1", "\n"]);
    expect(shown.querySelector("mark.nw-ex-peak")!.textContent).toBe("t1");
    act(
      () =>
        void shown.dispatchEvent(
          new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true }),
        ),
    );
    expect(it.root.querySelector("[data-nw=document]")).toBeNull();
  });

  it("sends an exemplar to Python and says where it went", () => {
    const it = grid();
    answer(it, 3);
    act(() => it.root.querySelector<HTMLElement>('[data-key="2"] [data-nw=exemplar-use]')!.click());
    const ask = it.asked("use").at(-1)!;
    expect(ask).toMatchObject({ unit: "mlp.0:3", key: 2 });
    expect(changes(it.sent)).not.toContainEqual({ picked: [2] });
    act(() =>
      it.host.kernel({ kind: "atlas", seq: ask.seq, want: "use", to: "the linked view", arrays: [] }),
    );
    expect(it.root.querySelector(".nw-ex-foot")!.textContent).toContain("Put into the linked view.");
  });

  it.each([
    ["dead", { state: "dead" }, "mlp.0:3 is dead: its activation was zero on all 900 tokens"],
    ["not seen", { state: "not seen" }, "did not fire on any of the 900 tokens: too few to call it dead"],
    ["never computed", { state: "not seen", seen: 0 }, "was never computed"],
  ])("says so when a unit is %s", (_, more, words) => {
    const it = grid();
    answer(it, 0, more);
    expect(it.root.querySelector("[data-nw=exemplars-state]")!.textContent).toContain(words);
    expect(it.root.querySelector("[data-nw=exemplars-none]")).not.toBeNull();
  });

  it("an error is shown in words, and what was there comes back with the next answer", () => {
    const it = grid();
    const [ask] = it.asked("exemplars");
    const problem = {
      kind: "atlas",
      seq: ask!.seq,
      want: "exemplars",
      error: "There is no site.",
      hint: "Choose.",
    };
    act(() => it.host.kernel(problem));
    expect(it.root.querySelector("[data-nw=error]")!.textContent).toBe("There is no site.Choose.");
    act(() => it.host.python("unit", "mlp.0:1"));
    answer(it, 2);
    expect(it.root.querySelector("[data-nw=error]")).toBeNull();
    expect(it.all("[data-nw=exemplar]")).toHaveLength(2);
  });

  it("keeps what a saved notebook shows, and shows it when nobody answers", () => {
    const it = grid();
    answer(it, 3);
    const { exemplars } = it.host.traits.atlas_snapshot as { exemplars: string };
    expect(exemplars).not.toBe("");
    const later = grid({ atlas_snapshot: { exemplars } });
    expect(later.all("[data-nw=exemplar]").map((row) => row.dataset.key)).toEqual(["0", "1", "2"]);
    const broken = grid({ atlas_snapshot: { exemplars: `${exemplars.slice(0, 200)}…` } });
    expect(broken.all("[data-nw=exemplar]")).toEqual([]);
  });

  it("shows rows of a table as bars, and all columns when one is opened", () => {
    const it = grid();
    const columns = [
      { name: "age", ends: [0, 100] },
      { name: "side", ends: null },
    ];
    const base = {
      stratum: -1,
      rank: 0,
      value: 2,
      copies: 1,
      document: 4,
      id: "4",
      label: "ill",
      position: 0,
    };
    const row = { age: 25, side: "<i>left" };
    const rows = [{ ...base, key: 0, peak: 0, pieces: [], values: 1, row }];
    answer(it, 1, { input: "table", columns, rows });
    const item = it.root.querySelector<HTMLElement>("[data-nw=exemplar]")!;
    expect(item.querySelector<HTMLElement>(".nw-ex-column > span")!.style.height).toBe("25%");
    expect(item.querySelector("[role=img]")!.getAttribute("aria-label")).toBe("age 25, side <i>left");
    expect(item.textContent).toContain("<i>left");
    act(() => item.querySelector<HTMLElement>("[data-nw=exemplar-open]")!.click());
    const opened = it.root.querySelector("[data-nw=document]")!;
    expect([...opened.querySelectorAll(".nw-ex-column-name")].map((name) => name.textContent)).toEqual([
      "age",
      "side",
    ]);
    expect(opened.textContent).toContain("Row 4 · label ill");
    expect(it.asked("document")).toEqual([]);
  });

  it("hears keys again after a button was clicked", () => {
    const it = grid();
    answer(it, 3);
    act(() => it.root.querySelector<HTMLElement>('[data-key="1"] [data-nw=exemplar-use]')!.click());
    expect(document.activeElement).toBe(it.root.querySelector("[data-nw=exemplar-list]"));
  });

  it("says when Python refuses, until all is well again", () => {
    const it = grid();
    answer(it, 3);
    const error = {
      kind: "error",
      seq: -1,
      message: "Python could not take the change: no row 9.",
      hint: "",
    };
    act(() => it.host.kernel(error));
    expect(it.root.querySelector("[data-nw=status]")!.textContent).toContain("no row 9");
    act(() => it.host.python("unit", "mlp.0:1"));
    answer(it, 2);
    expect(it.root.querySelector("[data-nw=status]")).toBeNull();
  });

  it("says when an answer takes long, and when the widget was closed", () => {
    vi.useFakeTimers();
    const it = grid();
    act(() => it.host.kernel({ kind: "ready" }));
    act(() => void vi.advanceTimersByTime(600));
    expect(it.root.dataset.state).toBe("busy");
    answer(it, 3);
    expect(it.root.dataset.state).toBe("live");
    act(() => it.host.kernel({ kind: "closed" }));
    expect(it.root.dataset.state).toBe("closed");
    expect(it.root.querySelector("[data-nw=status]")!.textContent).toContain("closed in Python");
    expect(it.root.querySelector("[data-nw=exemplar-use]")).toBeNull();
    vi.useRealTimers();
  });

  it("asks again where the first question came before the kernel knew of the widget", () => {
    vi.useFakeTimers();
    const it = grid();
    expect(it.asked("exemplars")).toHaveLength(1);
    act(() => void vi.advanceTimersByTime(3000));
    act(() => it.host.kernel({ kind: "ready" }));
    expect(it.asked("exemplars")).toHaveLength(2);
    answer(it, 3);
    expect(it.root.dataset.state).toBe("live");
    expect(it.all("[data-nw=exemplar]")).toHaveLength(3);
    vi.useRealTimers();
  });

  it("leaves nothing behind", () => {
    const it = grid();
    answer(it, 3);
    act(() => it.life.abort());
    expect(it.host.listening()).toBe(0);
    expect(document.body.firstElementChild!.childElementCount).toBe(0);
  });
});

describe("an Explorer with an atlas", () => {
  it("is the same Explorer, and has the side", () => {
    const it = grid({ layout_kind: "explorer" });
    expect(it.root.dataset.nw).toBe("explorer");
    expect(it.root.querySelector("[data-nw=editor]")).not.toBeNull();
    expect(it.root.querySelector("[data-nw=atlas-side]")).not.toBeNull();
  });
});

describe("Python's golden answer", () => {
  const folder = join(import.meta.dirname, "../../../tests/golden/");
  const golden = JSON.parse(readFileSync(`${folder}atlas-exemplars.json`, "utf8"));
  it("is shown with its values, odd ones too", () => {
    const it = grid({ unit: "mlp.2:417" });
    const [ask] = it.asked("exemplars");
    const bytes = Buffer.from(golden.buffers[0], "base64");
    const buffer = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    // Only what is finite is kept as an exemplar; an atlas of another program may hold what is not.
    const [first, second] = golden.header.rows;
    const header = {
      ...golden.header,
      unit: "mlp.2:417",
      total: 2,
      rows: [first, { ...second, value: "nan" }],
    };
    const specs = [{ ...header.arrays[0], shape: [first.values + second.values] }];
    const values = new DataView(buffer.buffer, buffer.byteOffset, 4 * (first.values + second.values));
    act(() => it.host.kernel({ ...header, arrays: specs, seq: ask!.seq }, [values]));
    const rows = it.all("[data-nw=exemplar]");
    expect(rows.map((row) => row.querySelector(".nw-ex-value")!.textContent)).toEqual(["2", "NaN"]);
    const titles = [...rows[0]!.querySelectorAll(".nw-ex-token")].map((token) => token.getAttribute("title"));
    expect(titles.slice(0, 2)).toEqual(["token 0: 0", "token 1: 2"]);
    expect(rows[0]!.textContent).toContain("</script>");
  });
});
