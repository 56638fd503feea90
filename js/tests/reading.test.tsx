/**
 * docs/reading.md names the files from a key to a painted cell. Here one key is typed into a real widget, and the files
 * that are on the way when its question leaves the page, and when the answer is painted, are those of the page's part.
 */
import { readFileSync } from "node:fs";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Host } from "../fakes/host.ts";
import { openText } from "../fakes/text-page.ts";

const PAGE = readFileSync("../docs/reading.md", "utf8");
const KEY = PAGE.slice(PAGE.indexOf("## From a key"), PAGE.indexOf("## ", PAGE.indexOf("## From a key") + 3));
const NAMED = [...KEY.matchAll(/`((?:js\/src|neuronwidget)\/[^`]+\.(?:tsx?|py))`/g)].map(
  (match) => match[1]!,
);

let life: AbortController;
const sent = new Set<string>();
const painted = new Set<string>();

/** The files of ours that are being run. */
function note(files: Set<string>): void {
  Error.stackTraceLimit = 200;
  for (const [, file] of new Error().stack!.matchAll(/\/(js\/src\/[^:?)]+)/g)) files.add(file!);
}

beforeEach(() => {
  vi.useFakeTimers();
  const box = { width: 400, height: 320, left: 0, top: 0, right: 400, bottom: 320, x: 0, y: 0 };
  vi.spyOn(HTMLElement.prototype, "getBoundingClientRect").mockReturnValue(box as DOMRect);
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockImplementation(() => {
    note(painted);
    return null;
  });
  life = new AbortController();
});
afterEach(() => {
  act(() => life.abort());
  document.body.replaceChildren();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

class TracedHost extends Host {
  override send(content: unknown, callbacks?: unknown, buffers?: ArrayBuffer[]): void {
    if ((content as { kind?: string }).kind === "ask") note(sent);
    super.send(content, callbacks, buffers);
  }
}

test("the files on the way of a key are those that the page for readers names, and no more than 16", () => {
  const host = new TracedHost({ layout_kind: "explorer", input: "abc" });
  const el = openText(host, life.signal);
  act(() => host.answer(host.lastAsk()));
  act(() => void vi.advanceTimersByTime(200));
  sent.clear();
  painted.clear();
  const area = el.querySelector<HTMLTextAreaElement>("[data-nw=editor]")!;
  act(() => {
    area.value = "abcd";
    area.setSelectionRange(4, 4);
    area.dispatchEvent(new Event("input", { bubbles: true }));
  });
  expect(sent.size).toBeGreaterThan(2);
  act(() => host.answer(host.lastAsk()));
  act(() => void vi.advanceTimersByTime(200));
  expect(painted.size).toBeGreaterThan(2);
  const onTheWay = new Set([...sent, ...painted]);
  const named = NAMED.filter((file) => file.startsWith("js/"));
  expect([...onTheWay].filter((file) => !named.includes(file))).toEqual([]);
  expect(named.filter((file) => !onTheWay.has(file))).toEqual([]);
  expect(new Set(NAMED).size).toBeLessThanOrEqual(16);
});
