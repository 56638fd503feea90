/** The page of a test: its clock is a fake one, its life ends with the test, and nothing is left of it. */
import { act } from "preact/test-utils";
import { afterEach, beforeEach, vi } from "vitest";

/** Call it once a file. `sized`: elements are 600 × 300 pixels, and pictures can be made. */
export function pageLife({ sized = false } = {}): { readonly signal: AbortSignal } {
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
  };
}
