/** Every view of the gallery comes to life over the kernel in the page: the same fakes that other tests use. */
import { act } from "preact/test-utils";
import { afterEach, expect, it, vi } from "vitest";
import { CASES } from "../dev/cases.ts";
import { VIEWS } from "../dev/views.ts";

/** What is there once the kernel has answered. */
const ANSWERED: Record<string, string[]> = {
  strip: ["[data-nw=strip] span"],
  heatmap: ["[data-nw=map]", "[data-nw=traces] path"],
  explorer: ["[data-nw=overview]", "[data-nw=units] li", "[data-nw=guesses] li"],
  image: ["[data-nw=picture]", "[data-nw=classes] li", "[data-nw=seen]"],
  table: ["[data-nw=columns] li", "[data-nw=sweep] svg"],
  atlas: ["[data-nw=card] [data-nw=histogram]", "[data-nw=exemplar]", "[data-nw=similar] li"],
  "atlas-image": ["[data-nw=card]", "[data-nw=exemplar] canvas"],
  "atlas-table": ["[data-nw=card]", "[data-nw=exemplar] .nw-ex-bars"],
  card: ["[data-nw=card] [data-nw=promoted]", "[data-nw=strip] span"],
  "card-image": ["[data-nw=card]", "[data-nw=picture]"],
  "card-table": ["[data-nw=card]", "[data-nw=columns] li"],
  exemplars: ["[data-nw=exemplar-tab]", "[data-nw=exemplar] .nw-ex-peak"],
  finder: ["[data-nw=find-row]"],
  imported: ["[data-nw=card] [data-nw=histogram]", "[data-nw=exemplar]"],
  "imported-card": ["[data-nw=card] [data-nw=histogram]", "[data-nw=exemplar]"],
  "imported-exemplars": ["[data-nw=exemplar]"],
  "imported-finder": ["[data-nw=find-row]"],
  patterns: [
    "[data-nw=pattern-map] canvas",
    "[data-pattern='2'] [data-nw=member] canvas",
    "[data-nw=matrix] td",
  ],
  "patterns-image": ["[data-nw=picture]", "[data-nw=flow] path", "[data-nw=place][data-pattern]"],
  "patterns-text": ["[data-nw=members] .nw-member-text span", "[data-nw=place][data-pattern]"],
  "patterns-table": ["[data-nw=columns] li", "[data-nw=pattern-map] canvas"],
  "explorer-patterns": ["[data-nw=pattern] canvas", "[data-nw=open-member]"],
  groups: ["[data-nw=correlations] canvas", "[data-nw=group]", "[data-nw=group-unit]"],
  comparison: ["[data-nw=volcano] canvas", "[data-nw=units] tr.nw-chosen", "[data-nw=distributions] svg"],
  "comparison-image": ["[data-nw=edited]", "[data-nw=exemplars] .nw-member-picture"],
  "comparison-text": ["[data-nw=rates] li", "[data-nw=exemplars] .nw-member-text span"],
  "comparison-none": ["[data-nw=volcano] canvas", "[data-nw=distributions] svg"],
  health: ["[data-nw=health-part]", "[data-nw=health-rows] tr", "[data-nw=health-unit] [data-nw=histogram]"],
  localised: ["[data-nw=local-k]", "[data-nw=units] tr", "[data-nw=local-concept]"],
  shortcuts: ["[data-nw=properties] tr", "[data-nw=gain] .nw-gain-random", "[data-nw=looks] canvas"],
  "shortcuts-none": ["[data-nw=units] tr", "[data-nw=gain]"],
  "blind-explain": ["[data-nw=blind-explain] [data-nw=blind-label]"],
  "blind-begin": ["[data-nw=blind-explain]", "[data-nw=blind-send]"],
  "blind-detection": ["[data-kind=detection] [data-nw=blind-item]"],
  "blind-feedback": ["[data-nw=blind-round] [data-nw=blind-send]"],
  "blind-fuzzing": ["[data-kind=fuzzing] [data-nw=blind-item]"],
  "blind-end": ["[data-nw=blind-end] [data-nw=verdict]"],
  "blind-image": ["[data-nw=blind-round] canvas"],
  "blind-image-fuzzing": ["[data-kind=fuzzing] canvas"],
  "blind-table": ["[data-nw=blind-round] [data-nw=blind-item]"],
  "blind-table-fuzzing": ["[data-kind=fuzzing] [data-nw=blind-item]"],
  scan: ["progress", "[data-nw=pause]", "[data-unit]"],
};

let life = new AbortController();

/** Waits until it is there; a busy machine is no failure. */
const there = (el: Element, selector: string) =>
  vi.waitFor(() => expect(el.querySelector(selector)).not.toBeNull(), { timeout: 120_000, interval: 20 });

afterEach(() => {
  act(() => life.abort());
  document.body.replaceChildren();
  vi.restoreAllMocks();
});

function show(kind: string, named: string): HTMLElement {
  life = new AbortController();
  vi.stubGlobal("ImageData", globalThis.ImageData ?? class {});
  vi.spyOn(HTMLElement.prototype, "getBoundingClientRect").mockReturnValue(new DOMRect(0, 0, 600, 300));
  const el = document.createElement("div");
  document.body.append(el);
  const { widget, kernel } = VIEWS[kind]!.open(named);
  act(() => {
    widget.initialize?.({ model: kernel, el, signal: life.signal });
    widget.render({ model: kernel, el, signal: life.signal });
  });
  return el;
}

it("names what each view shows", () => {
  expect(Object.keys(ANSWERED).sort()).toEqual(Object.keys(VIEWS).sort());
});

it.each(Object.keys(VIEWS))("%s comes to life", async (kind) => {
  const el = show(kind, "code");
  for (const selector of ANSWERED[kind]!) await there(el, selector);
  expect(el.querySelector("[data-nw=error]")).toBeNull();
  // What is as it should be needs no badge.
  expect([...el.querySelectorAll("[data-nw=state]")].map((badge) => badge.textContent)).not.toContain("ok");
});

it.each(Object.keys(CASES).filter((name) => name !== "silent" && name !== "huge"))(
  "the strip shows the case %s",
  async (name) => {
    const el = show("strip", name);
    await there(el, "[data-state=live]");
  },
);

it.each(["explorer", "finder", "exemplars"])("two of %s on a page have no id in common", async (kind) => {
  for (const el of [show(kind, "code"), show(kind, "code")]) {
    for (const selector of ANSWERED[kind]!) await there(el, selector);
  }
  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
  expect(ids.length).toBeGreaterThan(1);
  expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
});
