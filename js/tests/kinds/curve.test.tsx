/** A kind of input is one object: registered, it has an Explorer with its editor, a map and exemplars. */
import { act } from "preact/test-utils";
import { beforeEach, expect, test, vi } from "vitest";
import { atlasInfo } from "../../fakes/atlas-answers.ts";
import { ATLAS_TRAITS } from "../../fakes/atlas-kernel.ts";
import { ArrayWriter, emptyFrame } from "../../fakes/frame-writer.ts";
import { Host } from "../../fakes/host.ts";
import { defineExplorer } from "../../src/entries/define-explorer.tsx";
import type { AtlasAsk } from "../../src/wire/protocol.ts";
import { VERSION } from "../../src/wire/shared.ts";
import { pageLife } from "../page-life.ts";
import { CURVE, type Curve } from "./curve/kind.tsx";

const widgetOf = defineExplorer([CURVE]);
const FLAT: Curve = new Array(64).fill(0);
const SITES = [{ name: "conv.0", canonical: "0", kind: "conv", width: 4, layer: 0, grid: [1, 16] }];
const scale = { lo: 0, hi: 1, mode: "linear", knee: 1, signed: false, pinned: false } as const;

const life = pageLife({ sized: true });
let host: Host;
let el: HTMLElement;

beforeEach(() => {
  const input = { kind: "curve", length: 64, classes: null };
  host = new Host({
    ...ATLAS_TRAITS,
    layout_kind: "explorer",
    input: FLAT,
    site: "conv.0",
    unit: "conv.0:1",
  });
  host.traits.catalog = { ...(host.traits.catalog as object), sites: SITES, input };
  host.traits.atlas_info = atlasInfo("curve", SITES);
  el = life.show(widgetOf(), host);
  act(() => host.kernel({ kind: "ready" }));
  act(() => void vi.advanceTimersByTime(200));
});

/** Two units over a grid of 16 places. */
function answer(): void {
  const ask = host.lastAsk();
  const out = new ArrayWriter();
  out.add("trace.unit", new Float32Array(16));
  out.add("tiles.cells", new Uint8Array(32).fill(99), [2, 1, 16]);
  out.add("tiles.units", Int32Array.of(3, 1));
  out.add("tiles.values", Float32Array.of(2, 1));
  out.add("top.units", Int32Array.of(3, 1));
  out.add("top.values", Float32Array.of(2, 1));
  const message = emptyFrame(ask, out.arrays, { kind: "curve" });
  message.parts = { trace: { scale, pinScales: [], grid: [1, 16] }, tiles: {}, top: {} };
  act(() => host.kernel(message, out.buffers));
}

/** Two exemplars whose values are their curves. */
function answerExemplars(): void {
  const ask = host.sent.find((message): message is AtlasAsk & { want: "exemplars" } => {
    return message.kind === "atlas" && message.want === "exemplars";
  })!;
  const row = { stratum: -1, value: 1, copies: 1, label: null, position: 0, peak: 0, pieces: [], values: 64 };
  const rows = [0, 1].map((key) => ({ ...row, key, rank: key, document: key, id: `curve ${key}` }));
  const groups = { top: 2, intervals: 0, quantiles: 0, bottom: 0 };
  const out = new ArrayWriter();
  out.add(
    "values",
    Float32Array.from({ length: 128 }, (_, i) => Math.sin(i)),
  );
  const head = { unit: "conv.0:1", group: "top", groups, first: 0, total: 2, strata: [], state: "ok" };
  const fields = { ...head, seen: 64, scale, rows, input: "curve" };
  const message = { v: VERSION, kind: "atlas", seq: ask.seq, want: "exemplars", arrays: out.arrays };
  act(() => host.kernel({ ...message, ...fields }, out.buffers));
}

test("its editor shows the curve, and what is changed is asked about", () => {
  const points = el.querySelectorAll<HTMLInputElement>("[data-nw=editor] input");
  expect(points).toHaveLength(64);
  expect(host.lastAsk().input).toEqual({ kind: "curve", points: FLAT });
  answer();
  act(() => {
    points[3]!.value = "0.5";
    points[3]!.dispatchEvent(new Event("input", { bubbles: true }));
  });
  expect(host.lastAsk().input).toEqual({ kind: "curve", points: FLAT.with(3, 0.5) });
  expect(host.lastAsk().changes).toEqual({ input: FLAT.with(3, 0.5) });
});

test("the maps of its units are painted, and choose their unit", () => {
  expect(Object.keys(host.lastAsk().parts).sort()).toEqual(["tiles", "top", "trace"]);
  answer();
  const tiles = [...el.querySelectorAll<HTMLElement>("[data-nw=tiles] [data-unit]")];
  expect(tiles.map(({ dataset }) => dataset.unit)).toEqual(["conv.0:3", "conv.0:1"]);
  expect(tiles[0]!.querySelector("canvas")).not.toBeNull();
  act(() => tiles[0]!.click());
  expect(host.traits.unit).toBe("conv.0:3");
});

test("its exemplars stand beside it, and go into the editor", () => {
  answer();
  answerExemplars();
  const items = [...el.querySelectorAll<HTMLElement>("[data-nw=exemplar]")];
  expect(items.map((item) => item.querySelectorAll("polyline").length)).toEqual([1, 1]);
  expect(el.textContent).toContain("1,200 curves");
  act(() => items[1]!.querySelector<HTMLElement>("[data-nw=exemplar-use]")!.click());
  expect((host.traits.input as Curve)[0]).toBeCloseTo(Math.sin(64), 6);
});
