/** An Explorer without an atlas offers to build one; when it is there it is shown, and the rest of the page stays. */
import { act } from "preact/test-utils";
import { expect, test, vi } from "vitest";
import { atlasInfo } from "../../fakes/atlas-answers.ts";
import { ATLAS_TRAITS } from "../../fakes/atlas-kernel.ts";
import { TEXT_SITES, TextKernel } from "../../fakes/text-kernel.ts";
import { openText } from "../../fakes/text-page.ts";
import { pageLife } from "../page-life.ts";

const OFFER = { takes: "about a minute", phase: "offered", share: null, left: null, words: "" };

const life = pageLife();

function open(traits: object) {
  const host = new TextKernel({ input: "ab", unit: "mlp.2:17", ...ATLAS_TRAITS, ...traits });
  const el = openText(host, life.signal);
  settle();
  const part = (name: string) => el.querySelector<HTMLElement>(`[data-nw=${name}]`);
  const wants = () => host.sent.flatMap((message) => ("want" in message ? [message] : []));
  return { host, el, part, wants };
}

function settle(): void {
  for (let i = 0; i < 12; i++) act(() => void vi.advanceTimersByTime(100));
}

test("says how long it takes, and builds it with progress and a way to stop", () => {
  const { host, part, wants } = open({ atlas_offer: OFFER });
  expect(part("atlas-offer")!.textContent).toContain("about a minute");
  act(() => part("build-atlas")!.click());
  expect(wants().at(-1)).toMatchObject({ want: "build", stop: false });
  settle();
  expect(part("build-far")!.textContent).toBe("50 % · 20 s left");
  expect(part("atlas-offer")!.querySelector("progress")!.value).toBe(0.5);
  act(() => part("build-cancel")!.click());
  expect(wants().at(-1)).toMatchObject({ want: "build", stop: true });
  act(() => host.set("atlas_offer", { ...OFFER, phase: "failed", words: "The disk is full." }));
  expect(part("atlas-offer")!.textContent).toContain("The disk is full.");
  expect(part("build-atlas")!.textContent).toBe("Try again");
});

test("of a model of one's own, says what to run", () => {
  const { part } = open({ atlas_offer: { ...OFFER, takes: "" } });
  expect(part("build-atlas")).toBeNull();
  expect(part("atlas-offer")!.querySelector("pre")!.textContent).toBe(
    'atlas = nw.scan(live, documents, out="atlas/")\nexplorer.atlas = atlas',
  );
});

test("the atlas takes the offer's place, first at the side, and the editor stays as it was", () => {
  const { host, part, wants } = open({ atlas_info: null, atlas_offer: OFFER });
  const editor = part("editor");
  expect(wants()).toHaveLength(0);
  act(() => host.set("atlas_info", atlasInfo("text", TEXT_SITES)));
  settle();
  expect(part("atlas-offer")).toBeNull();
  expect(part("card")!.dataset.unit).toBe("mlp.2:17");
  expect(part("editor")).toBe(editor);
  const side = part("atlas-side")!;
  expect(side.parentElement!.firstElementChild).toBe(side);
  expect(side.compareDocumentPosition(part("guesses")!) & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy();
  expect(
    part("guesses")!.compareDocumentPosition(part("units")!) & Node.DOCUMENT_POSITION_FOLLOWING,
  ).toBeTruthy();
});

test("another atlas is asked anew about the same unit", () => {
  const { host, wants } = open({ atlas_info: atlasInfo("text", TEXT_SITES) });
  const cards = () => wants().filter(({ want }) => want === "card").length;
  expect(cards()).toBe(1);
  act(() => host.set("atlas_info", { ...atlasInfo("text", TEXT_SITES), documents: 7 }));
  settle();
  expect(cards()).toBe(2);
});

test("beside exemplars, says the call that compares these with those", () => {
  const atlas_info = atlasInfo("text", TEXT_SITES);
  const { host, part } = open({ atlas_info, unit: "mlp.2:17", pins: ["mlp.2:17"] });
  expect(part("compare-exemplars")).toBeNull();
  act(() => host.set("pins", ["mlp.2:17", "mlp.1:4"]));
  const words = () => part("compare-exemplars")!.textContent;
  expect(words()).toBe('Which units tell these from those of mlp.1:4? explorer.compare_exemplars("mlp.1:4")');
  act(() => host.set("picked", [1, 2]));
  expect(words()).toBe("Which units tell the picked from the others? explorer.compare_exemplars()");
});
