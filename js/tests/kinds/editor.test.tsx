import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeSession } from "../../fakes/fake-session.ts";
import { type Patch, withArray } from "../../fakes/frame-writer.ts";
import { asking, decoded, frameOf, Host, opened, textIn } from "../../fakes/host.ts";
import { Editor, sayWindow } from "../../src/kinds/text/editor/editor.tsx";
import { Mirror } from "../../src/kinds/text/editor/mirror.ts";
import { ReadingWords, tokenReadingOf } from "../../src/kinds/text/editor/reading.tsx";
import { segmentsOf } from "../../src/kinds/text/editor/segments.ts";
import { Shader } from "../../src/kinds/text/editor/shade.ts";
import type { Session } from "../../src/session/session.ts";
import { Status } from "../../src/ui/status.tsx";
import type { Frame } from "../../src/wire/frame.ts";

let root: HTMLElement;
let host: Host;
let session: Session;

beforeEach(() => {
  root = document.createElement("div");
  root.className = "nw-root";
  document.body.append(root);
});
afterEach(() => {
  render(null, root);
  root.remove();
});

async function show(text: string, patch: Patch = {}): Promise<void> {
  host = new Host({ input: text, unit: "mlp.0:3" });
  session = opened(host).session;
  await new Promise((resolve) => setTimeout(resolve, 0));
  act(() => {
    render(
      <>
        <Status session={session} />
        <Editor session={session} />
      </>,
      root,
    );
  });
  act(() => host.answer(host.lastAsk(), patch));
}

const area = () => root.querySelector<HTMLTextAreaElement>("[data-nw=editor]")!;
const mirror = () => root.querySelector<HTMLElement>("[data-nw=strip]")!;
/** What the mirror says, without the open end of its last line. */
const mirrored = () => mirror().textContent!.slice(0, -1);
const tokens = () => [...mirror().querySelectorAll<HTMLElement>("span[data-token]")];
const type = (text: string, cursor = text.length) =>
  act(() => {
    area().value = text;
    area().setSelectionRange(cursor, cursor);
    area().dispatchEvent(new Event("input", { bubbles: true }));
  });

const withSpans = (frame: Frame, spans: number[]) =>
  withArray(frame, "input.spans", Int32Array.from(spans), [spans.length / 2, 2]);

const HOSTILE = [
  "</script><img src=x onerror=alert(1)>",
  "null\u0000 bell\u0007 escape\u001b",
  "שלום עולם مرحبا",
  "e\u0301a\u0308\u0323 👩‍👩‍👧 🎉 🇨🇦",
  "tab\tnewline\n\n  trailing  \n",
  "\ud800 lone surrogate",
  "zero\u200bwidth\ufeff\u202ebidi",
];

describe("the mirror", () => {
  it.each(HOSTILE)("holds exactly the text: %j", async (text) => {
    await show(text);
    expect(mirrored()).toBe(text);
    expect(area().value).toBe(text);
    expect(root.querySelector("img, script")).toBeNull();
  });

  it("marks each token with its number, and shades it", async () => {
    await show("abc");
    expect(tokens().map((node) => node.dataset.token)).toEqual(["0", "1", "2"]);
    const shades = tokens().map((node) => node.style.background);
    expect(new Set(shades).size).toBe(3);
    expect(shades.every((shade) => shade.startsWith("rgb"))).toBe(true);
  });

  it("counts tokens from the start of the whole text", async () => {
    await show("abcdef", { input: { window: { start: 0, end: 6, first: 40, total: 46 } } });
    expect(tokens()[0]!.dataset.token).toBe("40");
  });

  it("draws marks for tab and newline without adding text", async () => {
    await show("a\tb\n");
    const marks = [...mirror().querySelectorAll<HTMLElement>(".nw-glyph")];
    expect(marks.map((mark) => [mark.textContent, mark.dataset.glyph])).toEqual([
      ["\t", "→"],
      ["\n", "↵"],
    ]);
  });

  it("keeps its nodes while a person types, and leaves the new character unshaded", async () => {
    await show("abcd");
    const before = tokens();
    type("abXcd", 3);
    expect(mirrored()).toBe("abXcd");
    const after = [...mirror().querySelectorAll<HTMLElement>(".nw-tok")];
    expect([after[0], after[1], after[3], after[4]]).toEqual([before[0], before[1], before[2], before[3]]);
    expect(after[2]!.dataset.token).toBeUndefined();
    expect(after[2]!.style.background).toBe("");
    expect(after[4]!.dataset.token).toBe("3");
    act(() => host.answer(host.lastAsk()));
    expect(tokens().map((node) => node.textContent)).toEqual(["a", "b", "X", "c", "d"]);
  });

  it("has a block for each line, and touches only the one that is edited", async () => {
    await show("ab\n\ncd\ne");
    const lines = () => [...mirror().children].map((line) => line.textContent);
    expect(lines()).toEqual(["ab\n", "\n", "cd\n", "e\u200b"]);
    const before = [...mirror().children];
    const changed = new Set<Node>();
    const watch = new MutationObserver((records) => {
      for (const record of records) changed.add(record.target);
    });
    watch.observe(mirror(), { childList: true, characterData: true, subtree: true });
    type("ab\n\ncXd\ne", 6);
    await new Promise((resume) => setTimeout(resume));
    watch.disconnect();
    expect([...mirror().children]).toEqual(before);
    expect([...changed].every((node) => before[2]!.contains(node))).toBe(true);
    type("ab\n\nc\n", 6);
    expect(lines()).toEqual(["ab\n", "\n", "c\n", "\u200b"]);
    type("", 0);
    expect(lines()).toEqual(["\u200b"]);
  });

  it("gives a token that goes over several lines a part in each", () => {
    const text = "a\n  b";
    const frame = withSpans(decoded(text), [0, 1, 1, 4, 4, 5]);
    const drawn = new Mirror(root);
    drawn.setText(text, segmentsOf(text, frame), 0);
    drawn.paint(new Shader(frame, false), 1);
    const parts = [...root.querySelectorAll<HTMLElement>("span[data-token]")];
    expect(parts.map((node) => [node.textContent, node.dataset.token])).toEqual([
      ["a", "0"],
      ["\n", "1"],
      ["  ", "1"],
      ["b", "2"],
    ]);
    expect(parts[1]!.style.background).toBe(parts[2]!.style.background);
    expect(parts.map((node) => node.classList.contains("nw-selected"))).toEqual([false, true, true, false]);
    expect(drawn.nodeOf(1)).toBe(parts[1]);
  });

  it("after any sequence of edits is as if drawn afresh", async () => {
    await show("start");
    let seed = 7;
    const random = (n: number) => {
      seed = (seed * 48271) % 2147483647;
      return seed % n;
    };
    let text = "start";
    for (let i = 0; i < 60; i++) {
      const at = random(text.length + 1);
      const words = ["x", "\n", "", "🎉", "\t\t", "ab", "e\u0301"][random(7)]!;
      text = text.slice(0, at) + words + text.slice(at + random(3));
      type(text);
      if (random(2) === 0) act(() => host.answer(host.lastAsk()));
      expect(mirrored()).toBe(text);
    }
    // An answer lets the next question go, if one waits; after a slow answer only some time later.
    while (textIn(host.lastAsk()) !== text) {
      act(() => host.answer(host.lastAsk()));
      await new Promise((resume) => setTimeout(resume));
    }
    act(() => host.answer(host.lastAsk()));
    const indices = tokens().flatMap((node) =>
      (node.dataset.tokens ?? node.dataset.token!).split(" ").map(Number),
    );
    expect(indices).toEqual(Array.from({ length: text.length }, (_, i) => i));
  });
});

describe("tokens that are not one character each", () => {
  const frame = (text: string, spans: number[], labels: Record<string, string> = {}) =>
    withSpans(decoded(text, { input: { labels } }), spans);
  const cut = (text: string, spans: number[], labels = {}) =>
    segmentsOf(text, frame(text, spans, labels)).map(({ start, end, tokens }) => [
      text.slice(start, end),
      tokens,
    ]);

  it("share the character that they split", () => {
    expect(cut("a🎉b", [0, 1, 1, 3, 1, 3, 1, 3, 3, 4])).toEqual([
      ["a", [0]],
      ["🎉", [1, 2, 3]],
      ["b", [4]],
    ]);
  });

  it("of no width lie in the character they belong to", () => {
    expect(cut("a🎉b", [0, 1, 1, 3, 3, 3, 3, 4])).toEqual([
      ["a", [0]],
      ["🎉", [1, 2]],
      ["b", [3]],
    ]);
    expect(cut("🎉b", [0, 0, 0, 2, 2, 3])).toEqual([
      ["🎉", [0, 1]],
      ["b", [2]],
    ]);
  });

  it("keep a letter and its accent together", () => {
    expect(cut("cafe\u0301s", [0, 4, 4, 5, 5, 6])).toEqual([
      ["caf", [0]],
      ["e\u0301", [0, 1]],
      ["s", [2]],
    ]);
  });

  it("leave gaps where a tokenizer drops blanks, and special tokens to the labels", () => {
    expect(cut("a  b", [0, 0, 0, 1, 3, 4], { 0: "<bos>" })).toEqual([
      ["a", [1]],
      ["  ", []],
      ["b", [2]],
    ]);
  });

  it("outside the window are marked as such", () => {
    const window = { start: 2, end: 4, first: 2, total: 6 };
    const segments = segmentsOf("abcdef", {
      ...frame("abcdef", [2, 3, 3, 4]),
      head: decoded("", { input: { window } }).head,
    });
    expect(segments.map(({ start, end, outside }) => [start, end, outside])).toEqual([
      [0, 2, true],
      [2, 3, false],
      [3, 4, false],
      [4, 6, true],
    ]);
  });

  it("a character shared by tokens has a part for each", async () => {
    await show("ab");
    act(() => {
      const ask = host.lastAsk();
      session.setText("é", 1);
      const { seq } = host.lastAsk();
      expect(seq).toBeGreaterThan(ask.seq);
      const spans = new DataView(Int32Array.from([0, 1, 0, 1]).buffer);
      const unit = new DataView(Float32Array.from([0, 9]).buffer);
      const arrays = [
        { name: "input.spans", dtype: "i32" as const, shape: [2, 2] },
        { name: "trace.unit", dtype: "f32" as const, shape: [2] },
      ];
      host.kernel(frameOf(asking("é", seq), { arrays }).message, [spans, unit]);
    });
    const node = tokens()[0]!;
    expect(node.dataset.tokens).toBe("0 1");
    expect([...node.querySelectorAll("i")].map((part) => part.dataset.token)).toEqual(["1"]);
    expect(node.style.background).toContain("linear-gradient");
  });

  it("special ones that are nowhere in the text are chips with the label as text, and their number", () => {
    const fake = new FakeSession({ text: "abc" });
    const frame = fake.frame.value!;
    const input = { ...frame.head.input, labels: { 0: "<bos onload=x>" } };
    const labelled = { ...frame, head: { ...frame.head, input } };
    const ids = Int32Array.of(50, 7, 8);
    fake.frame.value = withArray(withSpans(labelled, [0, 0, 0, 1, 1, 3]), "input.ids", ids);
    session = fake;
    act(() => render(<Editor session={fake} />, root));
    const chip = root.querySelector<HTMLElement>(".nw-label")!;
    expect(chip.textContent).toContain("<bos onload=x>");
    expect(chip.dataset.token).toBe("0");
    expect(chip.title).toContain("id 50");
    act(() => chip.click());
    expect(session.selection.value.token).toBe(0);
  });
});

describe("special tokens beside the text", () => {
  it("stand where they are in the sequence: before it, and behind it", () => {
    const fake = new FakeSession({ text: "ab" });
    const frame = fake.frame.value!;
    const labels = { 0: "<s>", 3: "</s>" };
    const labelled = { ...frame, head: { ...frame.head, input: { ...frame.head.input, labels } } };
    fake.frame.value = withSpans(labelled, [0, 0, 0, 1, 1, 2, 2, 2]);
    act(() => render(<Editor session={fake} />, root));
    const chips = (place: string) =>
      [...root.querySelectorAll(`[data-place=${place}] .nw-label`)].map((chip) => chip.textContent);
    expect(chips("before")).toEqual(["<s>0"]);
    expect(chips("after")).toEqual(["</s>3"]);
    const scroll = root.querySelector(".nw-editor-scroll")!;
    const after = root.querySelector("[data-place=after]")!;
    expect(scroll.compareDocumentPosition(after) & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy();
  });

  it("have values of three digits, as all tokens: all digits are for who points at them", () => {
    const reading = { token: 0, glyphs: "a", id: null, special: false, pins: [] };
    act(() =>
      render(<ReadingWords reading={{ ...reading, unit: { name: "mlp.0:3", value: 0.12345678 } }} />, root),
    );
    expect(root.querySelector("b")!.textContent).toBe("0.123");
    expect(root.querySelector("b")!.title).toBe("0.12345678");
  });
});

describe("what is known of a token", () => {
  it("holds its number in the vocabulary, and that it is special though it is written in the text", async () => {
    await show("a<s>", { input: { labels: { 1: "<s>" } } });
    const frame = withSpans(decoded("a<s>", { input: { labels: { 1: "<s>" } } }), [0, 1, 1, 4]);
    expect(segmentsOf("a<s>", frame).map(({ special }) => special)).toEqual([undefined, true]);
    expect(tokenReadingOf(withArray(frame, "input.ids", Int32Array.of(11, 2)), 1)).toMatchObject({
      id: 2,
      special: true,
    });
    expect(tokenReadingOf(frame, 1)).toMatchObject({ id: null });
  });
});

describe("the textarea", () => {
  it("is not touched by answers, whatever the caret", async () => {
    await show("abc");
    type("abcd", 2);
    act(() => host.answer(host.lastAsk()));
    expect(area().selectionStart).toBe(2);
    expect(area().value).toBe("abcd");
  });

  it("is not touched while a composition is under way", async () => {
    await show("abc");
    area().dispatchEvent(new Event("compositionstart"));
    type("abcか");
    act(() => host.set("input", "other"));
    expect(area().value).toBe("abcか");
    act(() => {
      area().dispatchEvent(new Event("compositionend"));
    });
    expect(session.text.value).toBe("abcか");
  });

  it("follows Python", async () => {
    await show("abc");
    act(() => host.python("input", "from Python"));
    expect(area().value).toBe("from Python");
    expect(mirrored()).toBe("from Python");
  });

  it("lets Tab move the focus, and writes a tab with Ctrl+]", async () => {
    await show("ab");
    const tab = new KeyboardEvent("keydown", { key: "Tab", cancelable: true });
    area().dispatchEvent(tab);
    expect(tab.defaultPrevented).toBe(false);
    area().setSelectionRange(1, 1);
    act(() => {
      area().dispatchEvent(new KeyboardEvent("keydown", { key: "]", ctrlKey: true, cancelable: true }));
    });
    expect(session.text.value).toBe("a\tb");
    expect(area().getAttribute("aria-description")).toContain("inserts a tab");
  });

  it("writes line breaks itself, because JupyterLab cancels them", async () => {
    await show("ab");
    area().setSelectionRange(1, 1);
    const enter = new KeyboardEvent("keydown", { key: "Enter", cancelable: true });
    act(() => {
      area().dispatchEvent(enter);
    });
    expect(enter.defaultPrevented).toBe(true);
    expect(session.text.value).toBe("a\nb");
    const composing = new KeyboardEvent("keydown", { key: "Enter", cancelable: true, isComposing: true });
    area().dispatchEvent(composing);
    expect(composing.defaultPrevented).toBe(false);
  });

  it("says what to do when it is empty", async () => {
    await show("");
    expect(root.querySelector(".nw-editor-placeholder")?.textContent).toContain("Type or paste");
    type("a");
    expect(root.querySelector(".nw-editor-placeholder")).toBeNull();
  });
});

describe("words", () => {
  it("name the exact value at the selected token", async () => {
    await show("abc");
    act(() => session.setToken(2));
    expect(root.querySelector("[data-nw=reading]")?.textContent).toContain("mlp.0:3 2");
  });

  it("say which part of a long text is looked at", () => {
    const frame = decoded("x".repeat(512), {
      input: { window: { start: 0, end: 512, first: 3488, total: 4000 } },
    });
    expect(sayWindow({ ...frame, text: "x".repeat(4000) }, 512)).toBe(
      "Looking at characters 1–512 of 4000 (tokens 3488–3999 of 4000): the model’s context is 512. " +
        "Move the cursor to look elsewhere.",
    );
    expect(sayWindow(decoded("abc"), 512)).toBe("");
    const cut = { start: 0, end: 5, first: 1, total: 9, without: ["[CLS]", "[SEP]"] };
    expect(sayWindow(decoded("hello", { input: { window: cut } }), 5)).toContain(
      "reads this part without [CLS] and [SEP].",
    );
  });

  it("of an error are text, with its hint", async () => {
    await show("abc");
    type("abcd");
    act(() => {
      const message = "<b>RuntimeError</b>";
      host.kernel({ kind: "error", seq: host.lastAsk().seq, message, hint: "Shorten the text." });
    });
    const panel = root.querySelector("[data-nw=error]")!;
    expect(panel.textContent).toContain("<b>RuntimeError</b>");
    expect(panel.textContent).toContain("Shorten the text.");
    expect(panel.querySelector("b")).toBeNull();
    expect(root.querySelector("[data-nw=status]")?.textContent).toContain("stale");
  });

  it("count what is not finite", async () => {
    await show("abc", { head: { odd: { nan: 3, inf: 1 } } });
    expect(root.querySelector("[data-nw=odd]")?.textContent).toBe("3 NaN, 1 infinite");
  });
});
