/** Inputs in a list: what a person reads of each. */
import { render } from "preact";
import { act } from "preact/test-utils";
import { expect, it } from "vitest";
import { Item } from "../../src/results/blind/item.tsx";
import { InputList } from "../../src/results/members/list.tsx";
import { NO_BLIND_TEST } from "../../src/wire/results/blind.ts";

const shownOf = (view: preact.ComponentChild) => {
  const el = document.createElement("div");
  act(() => render(view, el));
  return el;
};

it("calls an input that has but a number an input", () => {
  const answer = { input: "none", unit: null, scale: null, columns: [], data: new Map(), shapes: new Map() };
  const row = { document: 7, name: "364", label: null, prediction: null };
  const one = { row, answer, image: null, shades: new Float32Array() };
  const list = { about: () => "", labels: [], open: null, opens: "" };
  const el = shownOf(<InputList shown={[one]} {...list} />);
  expect(el.textContent).toBe("input 364");
  expect(el.querySelector("button")!.title).toBe("input 364");
});

it.each([
  [" ", "␣"],
  ["the", "the"],
  ["\n", "⏎\n"],
])("shows a highlighted %j as %j", (piece, seen) => {
  const el = shownOf(<Item item={{ fires: true, pieces: ["a", piece], marked: 1 }} info={NO_BLIND_TEST} />);
  expect(el.querySelector("mark")!.childNodes[1]!.textContent).toBe(seen);
});
