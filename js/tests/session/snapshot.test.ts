import { expect, it } from "vitest";
import { decode, view } from "../../fakes/frame-writer.ts";
import { asking, decoded, frameOf } from "../../fakes/host.ts";
import { ALL_PANELS } from "../../fakes/panels.ts";
import { mapOf } from "../../src/panels/map/wire.ts";
import { unitScale, unitValues } from "../../src/panels/trace/wire.ts";
import * as snapshot from "../../src/session/snapshot.ts";
import { SNAPSHOT_LIMIT } from "../../src/session/snapshot.ts";
import type { Frame } from "../../src/wire/frame.ts";
import { spansOf } from "../../src/wire/tokens.ts";

const takeSnapshot = (frame: Frame) => snapshot.takeSnapshot(frame, ALL_PANELS);
const readSnapshot = (stored: unknown) => snapshot.readSnapshot(stored, ALL_PANELS);

it("brings back the frame it was taken of", () => {
  const frame = decoded("a🎉\u0000</script>");
  const back = readSnapshot(takeSnapshot(frame))!;
  expect(back.text).toBe(frame.text);
  expect(spansOf(back)).toEqual(spansOf(frame));
  expect(unitValues(back)).toEqual(unitValues(frame));
  expect(back.head).toEqual(frame.head);
  expect(back.parts).toEqual(frame.parts);
  expect([...back.arrays.keys()]).toEqual([...frame.arrays.keys()]);
});

/** A frame with a map of this shape, made by `byte(row, col)`. */
function mapped(rows: number, cols: number, byte: (row: number, col: number) => number) {
  const scale = unitScale(decoded("abc"))!;
  const { message, buffers } = frameOf(asking("abc"), {
    parts: {
      map: { rows: [0, rows], cols: [0, 3], total: rows, selected: null, scale },
      overview: { sites: ["a", "b"], lows: [0, 0], highs: [1, 1] },
    },
  });
  message.arrays = [
    ...message.arrays,
    { name: "map.cells", dtype: "u8", shape: [rows, cols] },
    { name: "map.units", dtype: "i32", shape: [rows] },
    { name: "overview.cells", dtype: "u8", shape: [2, 3] },
  ];
  const map = Uint8Array.from({ length: rows * cols }, (_, i) => byte(Math.floor(i / cols), i % cols));
  const units = Int32Array.from({ length: rows }, (_, row) => 1000 + row);
  const more = [map, units, new Uint8Array(6)].map(view);
  return decode(message, [...buffers, ...more], "abc");
}

it("keeps a map that is too large at half its rows, with the strongest and the odd", () => {
  const odd = (row: number, col: number) => (row === 11 && col === 3 ? 0 : row % 4 === 1 ? 200 : 3);
  const frame = mapped(900, 400, odd);
  const taken = takeSnapshot(frame)!;
  expect(taken.length).toBeLessThanOrEqual(SNAPSHOT_LIMIT);
  const back = readSnapshot(taken)!;
  const { shape, cells, units } = mapOf(back)!;
  expect(shape).toEqual([450, 400]);
  expect([cells[0], cells[400], cells[5 * 400 + 3]]).toEqual([200, 3, 0]);
  expect([...units.slice(0, 2), units[5]]).toEqual([1001, 1002, 1011]);
  expect(back.parts.map).toEqual(frame.parts.map);
});

it("leaves pictures out rather than grow beyond its limit", () => {
  const frame = mapped(100, 4000, () => 7);
  const taken = takeSnapshot(frame)!;
  expect(taken.length).toBeLessThanOrEqual(SNAPSHOT_LIMIT);
  const back = readSnapshot(taken)!;
  expect(mapOf(back)).toBeNull();
  expect(back.parts.map).toBeUndefined();
  expect([...back.arrays.keys()].filter((name) => name.startsWith("map."))).toEqual([]);
  expect(back.arrays.get("overview.cells")).toEqual(frame.arrays.get("overview.cells"));
  expect(unitValues(back)).toEqual(unitValues(frame));
});

it("of a text that is itself too long is not taken", () => {
  expect(takeSnapshot(decoded("x".repeat(SNAPSHOT_LIMIT)))).toBeNull();
});

it("that is broken, or of another version, shows nothing", () => {
  const good = takeSnapshot(decoded("abc"))!;
  for (const bad of [
    good.slice(0, -5),
    good.replace('"version":2', '"version":1'),
    good.replace('"v":2', '"v":9'),
    7,
    null,
  ])
    expect(readSnapshot(bad)).toBeNull();
});
