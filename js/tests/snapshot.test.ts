import { expect, it } from "vitest";
import { decodeFrame } from "../src/frame.ts";
import { readSnapshot, SNAPSHOT_LIMIT, takeSnapshot } from "../src/snapshot.ts";
import { decoded, frameOf, view } from "./host.ts";

it("brings back the frame it was taken of", () => {
  const frame = decoded("a🎉\u0000</script>");
  const back = readSnapshot(takeSnapshot(frame))!;
  expect(back.text).toBe(frame.text);
  expect(back.spans).toEqual(frame.spans);
  expect(back.unit).toEqual(frame.unit);
  expect({ ...back.header, arrays: [] }).toEqual({ ...frame.header, arrays: [] });
});

it("leaves pictures out rather than grow beyond its limit", () => {
  const scale = decoded("abc").header.scale!;
  const { header, buffers } = frameOf(
    { seq: 1, text: "abc" },
    {
      map: { rows: [0, 900], cols: [0, 3], total: 900, selected: null, scale },
      overview: { sites: ["a", "b"], lows: [0, 0], highs: [1, 1] },
    },
  );
  header.arrays = [
    ...header.arrays,
    { name: "map", dtype: "u8", shape: [900, 400] },
    { name: "map_units", dtype: "i32", shape: [900] },
    { name: "overview", dtype: "u8", shape: [2, 3] },
  ];
  const more = [new Uint8Array(900 * 400), new Int32Array(900), new Uint8Array(6)].map(view);
  const frame = decodeFrame(header, [...buffers, ...more], "abc");
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
