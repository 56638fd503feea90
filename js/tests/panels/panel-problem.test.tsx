/** A panel that has no part says why in its own place; the others are painted. */
import { act } from "preact/test-utils";
import { expect, test, vi } from "vitest";
import { frameOf, Host } from "../../fakes/host.ts";
import { InputKernel } from "../../fakes/input-kernel.ts";
import { openText } from "../../fakes/text-page.ts";
import inputs from "../../src/entries/inputs.tsx";
import { pageLife } from "../page-life.ts";

const life = pageLife();

const words = (el: HTMLElement) =>
  Object.fromEntries(
    [...el.querySelectorAll<HTMLElement>("[data-nw=panel-error]")].map((node) => [
      node.dataset.of,
      node.textContent,
    ]),
  );

test.each(["map", "overview", "guesses", "top", "trace"])("%s of a text", (panel) => {
  const host = new Host({ layout_kind: "explorer", input: "abc", unit: "mlp.0:3" });
  const el = openText(host, life.signal);
  const { message, buffers } = frameOf(host.lastAsk());
  const failed = { [panel]: { message: "The model did not reach mlp.0.", hint: "Look elsewhere." } };
  act(() => host.kernel({ ...message, head: { ...message.head, failed } }, buffers));
  expect(words(el)).toEqual({ [panel]: "The model did not reach mlp.0. Look elsewhere." });
  expect(el.querySelector("[data-nw=error]")).toBeNull();
  expect(el.querySelectorAll("[data-nw=strip] [data-token]")).toHaveLength(3);
  // The next good frame takes it away.
  act(() => host.set("input", "abcd"));
  act(() => host.answer(host.lastAsk()));
  expect(words(el)).toEqual({});
});

test("layers that are missing are named below the others", () => {
  const host = new Host({ layout_kind: "explorer", input: "a" });
  const el = openText(host, life.signal);
  const part = { sites: ["mlp.0"], lows: [0], highs: [1], missing: ["mlp.1"] };
  const { message, buffers } = frameOf(host.lastAsk(), { parts: { overview: part } });
  message.arrays.push({ name: "overview.cells", dtype: "u8", shape: [1, 1] });
  act(() => host.kernel(message, [...buffers, new DataView(Uint8Array.of(9).buffer)]));
  expect(el.querySelector("[data-nw=overview-missing]")!.textContent).toBe("Not on this input: mlp.1.");
});

test.each([
  ["image", "classes"],
  ["image", "tiles"],
  ["image", "top"],
  ["table", "classes"],
  ["table", "sweep"],
] as const)("of a %s: %s", (kind, panel) => {
  const host = new InputKernel(kind, { layout_kind: "explorer", silent: true });
  const el = life.show(inputs(), host);
  act(() => host.kernel({ kind: "ready" }));
  act(() => void vi.advanceTimersByTime(200));
  const head = {
    site: host.traits.site,
    unit: null,
    pins: [],
    token: null,
    input: { kind },
    odd: { nan: 0, inf: 0 },
    reused: 0,
    ms: { model: 1, total: 1 },
    failed: { [panel]: { message: "ArithmeticError: too much of it", hint: "" } },
  };
  act(() => host.kernel({ kind: "frame", seq: host.lastAsk().seq, head, parts: {}, arrays: [] }, []));
  expect(words(el)).toEqual({ [panel]: "ArithmeticError: too much of it" });
});
