import { expect, it } from "vitest";
import { view } from "../../fakes/frame-writer.ts";
import { decoded, frameOf } from "../../fakes/host.ts";
import { readSnapshot, SNAPSHOT_LIMIT, takeSnapshot } from "../../src/session/snapshot.ts";
import { decodeFrame } from "../../src/wire/frame.ts";

it("brings back the frame it was taken of", () => {
  const frame = decoded("a🎉\u0000</script>");
  const back = readSnapshot(takeSnapshot(frame))!;
  expect(back.text).toBe(frame.text);
  expect(back.spans).toEqual(frame.spans);
  expect(back.unit).toEqual(frame.unit);
  expect({ ...back.header, arrays: [] }).toEqual({ ...frame.header, arrays: [] });
});

/** A frame with a map of this shape, made by `byte(row, col)`. */
function mapped(rows: number, cols: number, byte: (row: number, col: number) => number) {
  const scale = decoded("abc").header.scale!;
  const { header, buffers } = frameOf(
    { seq: 1, text: "abc" },
    {
      map: { rows: [0, rows], cols: [0, 3], total: rows, selected: null, scale },
      overview: { sites: ["a", "b"], lows: [0, 0], highs: [1, 1] },
    },
  );
  header.arrays = [
    ...header.arrays,
    { name: "map", dtype: "u8", shape: [rows, cols] },
    { name: "map_units", dtype: "i32", shape: [rows] },
    { name: "overview", dtype: "u8", shape: [2, 3] },
  ];
  const map = Uint8Array.from({ length: rows * cols }, (_, i) => byte(Math.floor(i / cols), i % cols));
  const units = Int32Array.from({ length: rows }, (_, row) => 1000 + row);
  const more = [map, units, new Uint8Array(6)].map(view);
  return decodeFrame(header, [...buffers, ...more], "abc");
}

it("keeps a map that is too large at half its rows, with the strongest and the odd", () => {
  const odd = (row: number, col: number) => (row === 11 && col === 3 ? 0 : row % 4 === 1 ? 200 : 3);
  const frame = mapped(900, 400, odd);
  const taken = takeSnapshot(frame)!;
  expect(taken.length).toBeLessThanOrEqual(SNAPSHOT_LIMIT);
  const back = readSnapshot(taken)!;
  expect(back.mapShape).toEqual([450, 400]);
  expect([back.map![0], back.map![400], back.map![5 * 400 + 3]]).toEqual([200, 3, 0]);
  expect([...back.mapUnits!.slice(0, 2), back.mapUnits![5]]).toEqual([1001, 1002, 1011]);
  expect(back.header.map).toEqual(frame.header.map);
});

it("leaves pictures out rather than grow beyond its limit", () => {
  const frame = mapped(100, 4000, () => 7);
  const taken = takeSnapshot(frame)!;
  expect(taken.length).toBeLessThanOrEqual(SNAPSHOT_LIMIT);
  const back = readSnapshot(taken)!;
  expect(back.map).toBeNull();
  expect(back.header.map).toBeNull();
  expect(back.mapUnits).toBeNull();
  expect(back.overview).not.toBeNull();
  expect(back.unit).toEqual(frame.unit);
});

it("of a text that is itself too long is not taken", () => {
  expect(takeSnapshot(decoded("x".repeat(SNAPSHOT_LIMIT)))).toBeNull();
});

it("that is broken, or of another version, shows nothing", () => {
  const good = takeSnapshot(decoded("abc"))!;
  for (const bad of [
    good.slice(0, -5),
    good.replace('"version":1', '"version":2'),
    good.replace('"v":1', '"v":9'),
    7,
    null,
  ])
    expect(readSnapshot(bad)).toBeNull();
});
