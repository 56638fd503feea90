/** The button for the whole screen, where the host allows it and where it does not. */
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FullScreen } from "../../src/ui/screen/full-screen.tsx";

let root: HTMLElement;
let button: HTMLButtonElement;

beforeEach(() => {
  root = document.createElement("div");
  root.className = "nw-root";
  document.body.append(root);
  act(() => render(<FullScreen />, root));
  button = root.querySelector("button")!;
});
afterEach(() => {
  act(() => render(null, root));
  root.remove();
  Reflect.deleteProperty(document, "fullscreenElement");
});

const press = async () => {
  await act(async () => button.click());
};
const isFull = () => [root.classList.contains("nw-full"), button.getAttribute("aria-pressed")];

test.each([["refuses"], ["has none"]])(
  "where the host %s, the view has the window; Escape leaves",
  async (how) => {
    root.requestFullscreen =
      how === "refuses" ? () => Promise.reject(new TypeError("not allowed")) : (undefined as never);
    await press();
    expect(isFull()).toEqual([true, "true"]);
    act(() => void root.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true })));
    expect(isFull()).toEqual([false, "false"]);
    await press();
    await press();
    expect(isFull()).toEqual([false, "false"]);
  },
);

test("the button follows what the host does", async () => {
  let whole: Element | null = null;
  Object.defineProperty(document, "fullscreenElement", { configurable: true, get: () => whole });
  const tell = () => act(() => void document.dispatchEvent(new Event("fullscreenchange")));
  root.requestFullscreen = async () => {
    whole = root;
    tell();
  };
  await press();
  expect(isFull()).toEqual([true, "true"]);
  whole = null; // Escape, which the host takes for itself
  tell();
  expect(isFull()).toEqual([false, "false"]);
});
