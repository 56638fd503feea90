/** The golden frames of pictures and rows: what Python wrote is what the page reads. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { decode } from "../../fakes/frame-writer.ts";
import { seenOf } from "../../src/kinds/image/editor/seen.ts";
import { sweepOf } from "../../src/panels/sweep/wire.ts";
import { tilesOf } from "../../src/panels/tiles/wire.ts";
import { topOf } from "../../src/panels/top/wire.ts";
import {
  pinGrid,
  pinValues,
  siteGrid,
  siteScale,
  unitGrid,
  unitValues,
} from "../../src/panels/trace/wire.ts";
import type { Frame } from "../../src/wire/frame.ts";
import type { FrameMessage } from "../../src/wire/protocol.ts";

type Golden = { header: FrameMessage; buffers: string[]; expect: Record<string, number[]> };

function read(name: string): Golden {
  const path = join(import.meta.dirname, `../../../tests/golden/input-${name}.json`);
  return JSON.parse(readFileSync(path, "utf8")) as Golden;
}

function bytes(base64: string): DataView {
  const buffer = Buffer.from(base64, "base64");
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

const decoded = (golden: Golden): Frame => decode(golden.header, golden.buffers.map(bytes), "");
const floats = (values: number[]) => values.map(Math.fround);

describe("a frame of a picture", () => {
  const golden = read("image");
  const frame = decoded(golden);

  it("has the unit on its own grid, and the site on its own", () => {
    expect([...unitValues(frame)!]).toEqual(floats(golden.expect["trace.unit"]!));
    expect(unitGrid(frame)).toEqual([1, 4]);
    expect(siteGrid(frame)).toEqual([2, 3]);
  });

  it("has each pin with its grid", () => {
    expect([0, 1].map((pin) => pinGrid(frame, pin))).toEqual([[2, 3], null]);
    expect(pinValues(frame).map((pin) => [...pin!])).toEqual([
      floats(golden.expect["trace.pin_0"]!),
      floats(golden.expect["trace.pin_1"]!),
    ]);
  });

  it("has small pictures of the strongest units, with NaN as none", () => {
    const tiles = tilesOf(frame)!;
    expect([tiles.rows, tiles.cols]).toEqual([2, 3]);
    expect([...tiles.units]).toEqual(golden.expect["tiles.units"]);
    expect([...tiles.values]).toEqual(floats(golden.expect["tiles.values"]!));
    expect([...tiles.cells]).toEqual(golden.expect["tiles.cells"]);
    expect(tiles.cells.filter((byte) => byte === 0).length).toBe(frame.head.odd.nan);
    expect(frame.head.odd.nan).toBe(1);
  });

  it("has what the model sees, and what it makes of it", () => {
    const seen = seenOf(frame)!;
    expect([seen.width, seen.height]).toEqual([4, 2]);
    expect([...seen.rgb]).toEqual(golden.expect["input.seen"]);
    expect(frame.parts.classes!.probabilities).toEqual([0.75, 0.25]);
    expect(siteScale(frame)!.hi).toBe(5);
  });
});

describe("a frame of a row", () => {
  const golden = read("table");
  const frame = decoded(golden);

  it("has flat values", () => {
    expect(siteGrid(frame)).toBeNull();
    expect([...unitValues(frame)!]).toEqual(golden.expect["trace.unit"]);
    expect(unitValues(frame)!.length).toBe(1);
    expect([...topOf(frame)!.units]).toEqual(golden.expect["top.units"]);
  });

  it("has what the unit and the classes do over a column", () => {
    const swept = sweepOf(frame)!;
    expect(frame.parts.sweep).toEqual({ column: "age", xs: [18, 54, 90] });
    expect([...swept.unit!]).toEqual(floats(golden.expect["sweep.unit"]!));
    expect(swept.pins.flatMap((line) => [...line])).toEqual(floats(golden.expect["sweep.pins"]!));
    expect([...swept.classes!]).toEqual(floats(golden.expect["sweep.classes"]!));
  });
});
