/** A whole widget of text in the page, as its bundle makes it; the clock must be a fake one. */
import { act } from "preact/test-utils";
import { vi } from "vitest";
import explorer from "../src/entries/explorer.tsx";
import text from "../src/entries/text.tsx";
import type { Host } from "./host.ts";

const SMALL = ["strip", "heatmap"];

/** Shows the widget until `life` aborts, and greets it as the kernel; its element. */
export function openText(host: Host, life: AbortSignal): HTMLElement {
  const el = document.createElement("div");
  document.body.append(el);
  const widget = (SMALL.includes(String(host.get("layout_kind"))) ? text : explorer)();
  act(() => {
    widget.initialize({ model: host, signal: life });
    widget.render({ model: host, el, signal: life });
  });
  act(() => host.kernel({ kind: "ready" }));
  act(() => void vi.advanceTimersByTime(200));
  return el;
}
