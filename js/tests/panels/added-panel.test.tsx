/** A panel is two files and one registration: it is asked for, decoded, painted and kept; nothing else is touched. */
import { act } from "preact/test-utils";
import { expect, test, vi } from "vitest";
import { view } from "../../fakes/frame-writer.ts";
import { frameOf, Host } from "../../fakes/host.ts";
import { openText } from "../../fakes/text-page.ts";
import { registerPanel } from "../../src/panels/registry.tsx";
import { pageLife } from "../page-life.ts";
import { NORMS } from "./norms/view.tsx";
import { normsOf } from "./norms/wire.ts";

registerPanel(NORMS);

const life = pageLife();

function show(traits: Record<string, unknown>): { host: Host; el: HTMLElement } {
  const host = new Host({ layout_kind: "explorer", input: "abc", ...traits });
  const el = openText(host, life.signal);
  return { host, el };
}

/** A frame with a part for the panel, of these norms. */
function answer(host: Host, norms: number[]): void {
  const spec = { name: "norms.values", dtype: "f32" as const, shape: [norms.length] };
  const { message, buffers } = frameOf(host.lastAsk(), {
    parts: { norms: { site: "mlp.0", longest: Math.max(...norms) } },
  });
  message.arrays.push(spec);
  act(() => host.kernel(message, [...buffers, view(Float32Array.from(norms))]));
}

const bars = (el: HTMLElement) => el.querySelectorAll("[data-nw=norms] .nw-bar");

test("it is asked for while it is shown, and painted from what comes", () => {
  const { host, el } = show({});
  expect(host.lastAsk().parts.norms).toEqual({ kind: "euclidean" });
  expect(bars(el)).toHaveLength(0);
  answer(host, [1, 2, 4]);
  expect(bars(el)).toHaveLength(3);
});

test("its part is refused when it is not as it says", () => {
  const { host, el } = show({});
  answer(host, [1, 2]);
  expect(el.querySelector("[data-nw=error]")?.textContent).toContain("norms.values");
  expect(bars(el)).toHaveLength(0);
});

test("it is kept in a saved notebook, and painted from there without a kernel", () => {
  const { host } = show({});
  answer(host, [1, 2, 4]);
  act(() => void vi.advanceTimersByTime(4000));
  const saved = show({ snapshot: host.traits.snapshot });
  expect(bars(saved.el)).toHaveLength(3);
  expect(normsOf(null)).toHaveLength(0);
});
