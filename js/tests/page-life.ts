/** The page of a test: its clock is a fake one, its life ends with the test, and nothing is left of it. */
import { act } from "preact/test-utils";
import { afterEach, beforeEach, vi } from "vitest";
import type { Host } from "../fakes/host.ts";
import type text from "../src/entries/text.tsx";

type PageLife = {
  readonly signal: AbortSignal;
  /** Put a view of this model into the page, as anywidget does. Returns the element that it is in. */
  show(widget: ReturnType<typeof text>, model: Host): HTMLElement;
};

/** Call it once a file. `sized`: elements are 600 × 300 pixels, and pictures can be made. */
export function pageLife({ sized = false } = {}): PageLife {
  let life = new AbortController();
  beforeEach(() => {
    vi.useFakeTimers();
    if (sized) {
      vi.stubGlobal("ImageData", globalThis.ImageData ?? class {});
      const box = new DOMRect(0, 0, 600, 300);
      vi.spyOn(HTMLElement.prototype, "getBoundingClientRect").mockReturnValue(box);
    }
    life = new AbortController();
  });
  afterEach(() => {
    act(() => life.abort());
    document.body.replaceChildren();
    vi.useRealTimers();
    vi.restoreAllMocks();
  });
  return {
    get signal() {
      return life.signal;
    },
    show(widget, model) {
      const el = document.createElement("div");
      document.body.append(el);
      act(() => {
        widget.initialize({ model, signal: life.signal });
        widget.render({ model, el, signal: life.signal });
      });
      return el;
    },
  };
}
