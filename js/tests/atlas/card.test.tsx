/** A card and a finder as anywidget shows them, with the kernel played by the test; and where live values stand. */
import { signal } from "@preact/signals";
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, describe, expect, it } from "vitest";
import { FakeSession } from "../../fakes/fake-session.ts";
import { UnitCard } from "../../src/atlas/card/card.tsx";
import { createCardStore } from "../../src/atlas/card/card-store.ts";
import { type Card, inputValuesOf, otherEndOf, presentValueOf } from "../../src/atlas/card/present-value.ts";
import { readCard } from "../../src/atlas/card/saved-card.ts";
import { Finder } from "../../src/atlas/finder/finder.tsx";
import { readUnits } from "../../src/atlas/finder/saved-units.ts";
import { readDensity } from "../../src/atlas/finder/search.ts";
import { sayUnits } from "../../src/atlas/finder/unit-table.tsx";
import { createDataScale, dataEnds } from "../../src/atlas/scale/data-scale.ts";
import { Channel } from "../../src/atlas/session/channel.ts";
import type { Part } from "../../src/atlas/session/saved.ts";
import type { AtlasSession } from "../../src/atlas/session/session.ts";
import type { Want } from "../../src/wire/atlas-protocol.ts";
import type { AtlasMessage } from "../../src/wire/protocol.ts";

type Sent = { want: Want; seq: number; about: Record<string, unknown> };

const undo: (() => void)[] = [];
afterEach(() => {
  act(() => {
    for (const step of undo.splice(0)) step();
  });
  document.body.replaceChildren();
});

/** An atlas session whose questions wait in `sent` until the test answers them. */
function fakeAtlas(live: FakeSession | null, kept: Partial<Record<Part, string>> = {}) {
  const sent: Sent[] = [];
  const channels = new Set<Channel<Want>>();
  const unit = live?.unit ?? signal<string | null>("site.0:3");
  const sentChanges: object[] = [];
  const atlas: AtlasSession = {
    given: signal(true),
    info: signal({
      model: "tiny",
      input: "text" as const,
      documents: 3,
      tokens: 100,
      sites: [{ name: "site.0", kind: "mlp", width: 8, layer: 0 }],
    }),
    unit,
    state: signal("live" as const),
    reason: signal(""),
    live,
    labels: live?.labels ?? signal({}),
    setLabels: () => {},
    setUnit: (name) => {
      unit.value = name;
    },
    channel: <W extends Want>(want: W) => {
      const channel = new Channel<W>({
        nextSeq: () => sent.length + 1,
        send: (about, seq) => sent.push({ want, seq, about: { ...about } }) > 0,
      });
      channels.add(channel as unknown as Channel<Want>);
      return channel;
    },
    end: () => {},
    tell: (changes) => sentChanges.push(changes) > 0,
    trait: () => signal(undefined),
    keep: (part, written) => {
      kept[part] = written;
    },
    kept: (part) => kept[part],
  };
  const answer = (want: Want, fields: object, arrays: Record<string, Float32Array | Int32Array> = {}) => {
    const seq = sent.findLast((message) => message.want === want)!.seq;
    const specs = Object.entries(arrays).map(([name, array]) => ({
      name,
      dtype: array instanceof Int32Array ? "i32" : "f32",
      shape: [array.length],
    }));
    const message = { v: 1, kind: "atlas", seq, want, arrays: specs, ...fields } as AtlasMessage;
    act(() => {
      for (const channel of channels) if (channel.receive(message, Object.values(arrays))) return;
    });
  };
  return { atlas, sent, answer, sentChanges, unit, kept };
}

const FIELDS = {
  unit: "site.0:3",
  state: "rare",
  words: "Rare: it fires at 0.05 % of 100 tokens.",
  things: "tokens",
  seen: 100,
  nonfinite: 0,
  density: 0.25,
  density_low: 0.2,
  density_high: 0.3,
  mean: 0.5,
  std: 1,
  min: -1,
  max: 4.2,
  low: -1,
  width: 0.5,
  site: [-2, 9] as [number, number],
};
// 20 values in each of the bins −1, −0.5; none between; 60 in the bin of 4.
const COUNTS = Int32Array.from([20, 20, 0, 0, 0, 0, 0, 0, 0, 0, 60]);
const TOP = Float32Array.from([4.2, 4.1, 4]);
const BOTTOM = Float32Array.from([-1, -0.9]);
const ARRAYS = { counts: COUNTS, top: TOP, bottom: BOTTOM };
const CARD = {
  ...FIELDS,
  about: { unit: "site.0:3" },
  data: new Map(Object.entries(ARRAYS)),
} as unknown as Card;

describe("where a live value stands", () => {
  it("counts what lies below, as exactly as the bins allow", () => {
    expect(presentValueOf(CARD, -0.75)).toMatchObject({ quantile: 0.1, least: 0, most: 0.2 });
    expect(presentValueOf(CARD, 2)).toMatchObject({ quantile: 0.4, least: 0.4, most: 0.4 });
    expect(presentValueOf(CARD, -3).quantile).toBe(0);
    expect(presentValueOf(CARD, 99).quantile).toBe(1);
    expect(presentValueOf(CARD, Number.NaN).quantile).toBeNaN();
  });

  it("ranks it among the exemplars of its own sign", () => {
    expect(presentValueOf(CARD, 5)).toMatchObject({ rank: 1, of: 3, group: "top" });
    expect(presentValueOf(CARD, 4.05)).toMatchObject({ rank: 3, of: 3 });
    expect(presentValueOf(CARD, 3)).toMatchObject({ rank: null });
    expect(presentValueOf(CARD, -0.95)).toMatchObject({ rank: 2, of: 2, group: "bottom" });
  });

  it("reads the strongest value and the one at the token, of the right unit only", () => {
    const live = new FakeSession({ value: (_, unit, token) => (token === 2 ? -unit : token / 10) });
    live.setUnit("site.0:3");
    const frame = live.frame.value;
    expect(inputValuesOf(frame, "site.0:3", 4)).toEqual({
      peak: { value: -3, at: 2 },
      here: { value: expect.closeTo(0.4), at: 4 },
    });
    expect(otherEndOf(frame!, { value: -3, at: 2 })).toEqual({ value: expect.closeTo(1.8), at: 18 });
    expect(inputValuesOf(frame, "site.0:4", 4)).toBeNull();
    expect(inputValuesOf(null, "site.0:3", 0)).toBeNull();
    expect(inputValuesOf(frame, "site.0:3", 999)?.here).toBeNull();
  });
});

function showCard(live: FakeSession) {
  const fake = fakeAtlas(live);
  const store = createCardStore(fake.atlas);
  const el = document.createElement("div");
  document.body.append(el);
  act(() => render(<UnitCard atlas={fake.atlas} store={store} />, el));
  undo.push(() => render(null, el), store.close);
  const at = (hook: string) => el.querySelector<HTMLElement>(`[data-nw="${hook}"]`);
  return { ...fake, store, el, at };
}

describe("the card", () => {
  it("offers a blind test of what the unit is called", () => {
    const live = new FakeSession();
    live.setUnit("site.0:3");
    const { answer, at } = showCard(live);
    answer("card", FIELDS, ARRAYS);
    const asks = () => at("label-question")!.querySelector("summary")!.textContent;
    expect(asks()).toBe("What does it fire for?");
    act(() => live.setLabels({ "site.0:3": "digits" }));
    expect(asks()).toBe("Is this label right?");
    expect(at("label-question")!.textContent).toContain('nw.BlindTest(live, atlas, "site.0:3")');
  });

  it("offers to switch the unit off, here and in every view of the model", () => {
    const live = new FakeSession();
    live.setUnit("site.0:3");
    const { answer, at } = showCard(live);
    answer("card", FIELDS, ARRAYS);
    act(() => at("switch-off")!.click());
    expect(live.edits.value).toMatchObject([{ unit: "site.0:3", edit: "scale", factor: 0, on: true }]);
    expect(at("switch-off")!.parentElement!.textContent).toContain(
      "this view shows what the model does without",
    );
    act(() => at("switch-off")!.click());
    expect(live.edits.value).toEqual([]);
  });

  it("asks once for each unit and tells its state in words", () => {
    const live = new FakeSession();
    live.setUnit("site.0:3");
    const { sent, answer, at, unit } = showCard(live);
    expect(sent.map(({ want }) => want)).toEqual(["card", "kin"]);
    answer("card", FIELDS, ARRAYS);
    expect(at("state")!.textContent).toBe("rare");
    expect(at("state-words")!.textContent).toContain("0.05 % of 100 tokens");
    expect(at("density")!.textContent).toContain("20 % to 30 %");
    expect(at("card")!.dataset.fresh).toBe("true");
    act(() => {
      unit.value = "site.0:4";
    });
    expect(sent.filter(({ want }) => want === "card").map(({ about }) => about.unit)).toEqual([
      "site.0:3",
      "site.0:4",
    ]);
    expect(at("card")!.dataset.fresh).toBe("false");
  });

  it("follows every frame without a question", () => {
    let height = 2;
    const live = new FakeSession({ value: (_, __, token) => (token === 0 ? height : 0) });
    live.setUnit("site.0:3");
    const { sent, answer, at } = showCard(live);
    answer("card", FIELDS, ARRAYS);
    const asked = sent.length;
    expect(at("mark-peak")!.dataset.value).toBe("2");
    height = 4.15;
    act(() => live.setText("other text", 3));
    expect(Number(at("mark-peak")!.dataset.value)).toBeCloseTo(4.15);
    expect(at("live-peak")!.textContent).toContain("number 2 of the 3 strongest.");
    height = 50;
    act(() => live.setText("other texts", 3));
    expect(at("live-peak")!.textContent).toContain("Beyond all 3");
    expect(at("mark-peak")!.style.left).toBe("100%");
    expect(sent.length).toBe(asked);
  });

  it("shows what goes with it, moves the selection, and says why there are no outputs", () => {
    const live = new FakeSession();
    live.setUnit("site.0:3");
    const { answer, at, unit } = showCard(live);
    answer("card", FIELDS, ARRAYS);
    const kin = { unit: "site.0:3", similar: [["site.0:5", 0.75]], note: "Direct path.", reason: "" };
    answer("kin", { ...kin, promoted: [["\t", 0.5]], suppressed: [["<b>", -0.25]] });
    expect(at("promoted")!.textContent).toContain("⇥+0.5");
    expect(at("suppressed")!.querySelector("b")).toBeNull();
    expect(at("suppressed")!.textContent).toContain("<b>");
    expect(at("outputs-note")!.textContent).toContain("Direct path.");
    act(() => at("similar")!.querySelector("button")!.click());
    expect(unit.value).toBe("site.0:5");
    const again = { ...kin, unit: "site.0:5", reason: "No head.", promoted: [], suppressed: [] };
    answer("card", { ...FIELDS, unit: "site.0:5" }, ARRAYS);
    answer("kin", again);
    expect(at("outputs-none")!.textContent).toContain("No head.");
  });

  it("asks nothing of a site that was not scanned", () => {
    const live = new FakeSession();
    live.setUnit("site.2:1");
    const { sent, at } = showCard(live);
    expect(sent).toEqual([]);
    expect(at("not-scanned")!.textContent).toContain("site.2");
  });
});

describe("colours over the data set", () => {
  it("have round ends, zero-centred where there are values below zero", () => {
    expect(dataEnds(0, 4.2)).toEqual([0, 5]);
    expect(dataEnds(-0.2, 7.6)).toEqual([-10, 10]);
    expect(dataEnds(0, 0)).toBeNull();
    expect(dataEnds(null, null)).toBeNull();
  });

  it("pin the text to the unit and the map to the site, and let go of what they pinned", () => {
    const live = new FakeSession();
    const card = signal<Card | null>(null);
    const { on, session, close } = createDataScale(live, card);
    undo.push(close);
    live.setUnit("site.0:3");
    live.setView({ pinned: { "site.1": [0, 1] } });
    const before = session.frame.value!.parts.trace!.scale;
    act(() => {
      card.value = CARD;
    });
    expect(live.view.value.pinned).toEqual({ "site.1": [0, 1], "site.0": [-10, 10] });
    expect(session.frame.value!.parts.trace!.scale).toMatchObject({
      lo: -5,
      hi: 5,
      signed: true,
      over: "data",
    });
    expect(live.frame.value!.parts.trace!.scale).not.toHaveProperty("over");
    on.value = false;
    expect(live.view.value.pinned).toEqual({ "site.1": [0, 1] });
    expect(session.frame.value!.parts.trace!.scale?.over).toBeUndefined();
    expect(before?.over).toBeUndefined();
  });

  it("leave alone what a person pinned", () => {
    const live = new FakeSession();
    live.setView({ pinned: { "site.0": [0, 1] } });
    const { on, close } = createDataScale(live, signal<Card | null>(CARD));
    undo.push(close);
    expect(live.view.value.pinned).toEqual({ "site.0": [0, 1] });
    on.value = false;
    expect(live.view.value.pinned).toEqual({ "site.0": [0, 1] });
  });
});

describe("what a saved notebook shows when nobody answers", () => {
  const KIN = { similar: [["site.0:5", 0.5]], promoted: [["x", 1]], suppressed: [], note: "", reason: "" };

  it("has the card of the unit, with what goes with it", () => {
    const { atlas, answer, kept } = fakeAtlas(null);
    const store = createCardStore(atlas);
    undo.push(() => store.close());
    answer("card", FIELDS, ARRAYS);
    answer("kin", { unit: "site.0:3", ...KIN });
    const later = createCardStore(fakeAtlas(null, kept).atlas);
    undo.push(() => later.close());
    expect(later.card.value).toMatchObject(FIELDS);
    expect(presentValueOf(later.card.value!, 4.05)).toEqual(presentValueOf(store.card.value!, 4.05));
    expect(later.kin.value).toMatchObject(KIN);
    const el = document.createElement("div");
    act(() => render(<UnitCard atlas={atlas} store={later} />, el));
    undo.push(() => render(null, el));
    expect(el.querySelector("[data-nw=similar]")!.textContent).toContain("site.0:5");
  });

  it("has no kin of another unit, and nothing of what was tampered with", () => {
    const { atlas, answer, unit, kept } = fakeAtlas(null);
    const store = createCardStore(atlas);
    undo.push(() => store.close());
    answer("kin", { unit: "site.0:3", ...KIN });
    act(() => {
      unit.value = "site.0:4";
    });
    answer("card", FIELDS, ARRAYS);
    answer("card", { ...FIELDS, unit: "site.0:4" }, ARRAYS);
    expect(readCard(kept.card)).toMatchObject({ card: { unit: "site.0:4" }, kin: null });
    for (const broken of [undefined, 3, "", "{", '{"version":1}', kept.card!.slice(0, 90), "null"]) {
      expect(readCard(broken)).toBeNull();
      expect(readUnits(broken)).toBeNull();
    }
  });

  it("has the units that were found", () => {
    const units = { total: 9, of: 20, order: "max", columns: ["max"], rows: [["site.0:1", 2.5]] };
    const { atlas, answer, kept } = fakeAtlas(null);
    const el = document.createElement("div");
    act(() => render(<Finder atlas={atlas} />, el));
    undo.push(() => render(null, el));
    answer("find", units);
    expect(readUnits(kept.found)).toEqual(units);
    const later = document.createElement("div");
    act(() => render(<Finder atlas={fakeAtlas(null, kept).atlas} />, later));
    undo.push(() => render(null, later));
    expect(later.querySelectorAll("[data-nw=find-row]")).toHaveLength(1);
  });
});

describe("the finder", () => {
  const type = (input: HTMLInputElement, value: string) =>
    act(() => {
      input.value = value;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });

  it("asks for what was filled in, and its rows move the selection", () => {
    const live = new FakeSession();
    live.setUnit("site.0:3");
    const { atlas, sent, answer, sentChanges, unit } = fakeAtlas(live);
    const el = document.createElement("div");
    document.body.append(el);
    act(() => render(<Finder atlas={atlas} />, el));
    undo.push(() => render(null, el));
    const part = <T extends HTMLElement>(hook: string) => el.querySelector<T>(`[data-nw="${hook}"]`)!;
    answer("find", { total: 0, of: 900, order: "max", columns: [], rows: [] });
    type(part<HTMLInputElement>("find-text"), "def|class");
    type(part<HTMLInputElement>("find-low"), "5");
    act(() => part("find-fires").click());
    act(() => part("find-similar").click());
    expect(part<HTMLSelectElement>("find-at").value).toBe("peak");
    act(() => {
      part<HTMLSelectElement>("find-at").value = "window";
      part("find-at").dispatchEvent(new Event("change", { bubbles: true }));
    });
    act(() => part("find").click());
    const query = {
      sites: [],
      states: [],
      density: [0.05, 1],
      text: "def|class",
      at: "window",
      fires: true,
      similar: "site.0:3",
      order: "",
    };
    expect(sent.at(-1)!.about).toEqual({ ...query, count: 200 });
    expect(sentChanges.at(-1)).toEqual({ query });
    answer("find", {
      total: 300,
      of: 900,
      order: "matches",
      columns: ["state", "density", "strength"],
      rows: [
        ["site.0:5", "ok", 0.25, 1.11],
        ["site.0:6", "dense", null, 0.5],
      ],
    });
    expect(part("find-count").textContent).toBe(
      "300 of 900 units fit, those with most matches first; here are 2 of them.",
    );
    const rows = [...el.querySelectorAll<HTMLElement>("[data-nw=find-row]")];
    expect(rows.map((row) => row.textContent)).toEqual(["site.0:525 %111 %", "site.0:6dense–50 %"]);
    act(() => rows[1]!.querySelector("button")!.click());
    expect(unit.value).toBe("site.0:6");
    rows[0]!.querySelector("button")!.focus();
    const down = new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true, cancelable: true });
    rows[0]!.querySelector("button")!.dispatchEvent(down);
    expect(document.activeElement).toBe(rows[1]!.querySelector("button"));
  });

  it("offers of the chosen unit what comes up next, and switches it off where a model is beside it", () => {
    const units = {
      total: 2,
      of: 2,
      order: "max",
      columns: ["max"],
      rows: [
        ["site.0:1", 2],
        ["site.0:0", 1],
      ],
    };
    const live = new FakeSession();
    live.setUnit("site.0:1");
    for (const beside of [live, null]) {
      const { atlas, answer, unit } = fakeAtlas(beside);
      const el = document.createElement("div");
      act(() => render(<Finder atlas={atlas} />, el));
      undo.push(() => render(null, el));
      answer("find", units);
      act(() => {
        unit.value = "site.0:1";
      });
      const words = el.querySelector("[data-nw=find-offers]")!.textContent;
      expect(words).toContain('explorer.compare_exemplars("site.0:0")');
      const off = el.querySelector<HTMLElement>("[data-nw=switch-off]");
      if (beside) {
        act(() => off!.click());
        expect(live.edits.value).toMatchObject([{ unit: "site.0:1", edit: "scale", factor: 0 }]);
      } else {
        expect(words).toContain('nw.BlindTest(live, atlas, "site.0:1")');
        expect(words).toContain('nw.Ablate("site.0:1")');
      }
    }
  });

  it("lists units as soon as it opens, and says which and in which order", () => {
    const { atlas, sent, answer, sentChanges } = fakeAtlas(null);
    const el = document.createElement("div");
    document.body.append(el);
    act(() => render(<Finder atlas={atlas} />, el));
    undo.push(() => render(null, el));
    expect(sent).toHaveLength(1);
    expect(sent[0]!.about).toMatchObject({ sites: [], states: [], text: "", order: "", count: 200 });
    expect(sentChanges).toEqual([]);
    expect(el.textContent).toContain("Reading the atlas.");
    const rows = [
      ["site.0:1", 2.5],
      ["site.0:0", 1],
    ];
    answer("find", { total: 2, of: 2, order: "max", columns: ["max"], rows });
    expect(el.querySelector("[data-nw=find-count]")!.textContent).toBe(
      "All 2 units, those with the largest values first.",
    );
    expect(el.querySelectorAll("[data-nw=find-row]")).toHaveLength(2);
    expect(el.textContent).not.toContain("Reading the atlas.");
    expect(sayUnits({ total: 0, of: 1200, order: "max", columns: [], rows: [] })).toBe(
      "None of 1,200 units fits.",
    );
  });

  it("says which of a unit's values go with the text, and likeness to no unit in plain words", () => {
    const { atlas, answer, unit } = fakeAtlas(null);
    unit.value = null;
    const el = document.createElement("div");
    act(() => render(<Finder atlas={atlas} />, el));
    undo.push(() => render(null, el));
    const rows = [
      ["site.0:1", 0.9, "top"],
      ["site.0:2", 0.5, "bottom"],
    ];
    answer("find", { total: 2, of: 9, order: "exclusive", columns: ["exclusive", "end"], rows });
    expect([...el.querySelectorAll("th")].map((head) => head.textContent)).toEqual([
      "unit",
      "exclusive",
      "values",
    ]);
    expect([...el.querySelectorAll("td:last-child")].map((cell) => cell.textContent)).toEqual([
      "largest",
      "smallest",
    ]);
    const label = el.querySelector("[data-nw=find-similar]")!.closest("label")!;
    expect([label.textContent!.trim(), label.querySelector(".nw-mono")]).toEqual([
      "like the selected unit",
      null,
    ]);
    act(() => {
      unit.value = "site.0:4";
    });
    expect(label.querySelector(".nw-mono")!.textContent).toBe("site.0:4");
  });

  it("shows what cannot be looked for, and offers no present input where there is none", () => {
    const { atlas, answer } = fakeAtlas(null);
    const el = document.createElement("div");
    document.body.append(el);
    act(() => render(<Finder atlas={atlas} query={{ text: "(" }} />, el));
    undo.push(() => render(null, el));
    expect(el.querySelector("[data-nw=find-fires]")).toBeNull();
    answer("find", { error: "'(' is no regular expression.", hint: "Change what is looked for." });
    expect(el.querySelector("[data-nw=find-problem]")!.textContent).toContain("no regular expression");
  });

  it("reads densities in percent", () => {
    expect(readDensity(["", ""])).toBeNull();
    expect(readDensity(["0.1", ""])).toEqual([0.001, 1]);
    expect(readDensity(["", "x"])).toEqual([0, 1]);
  });
});
