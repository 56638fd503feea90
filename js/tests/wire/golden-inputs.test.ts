/** The golden frames of pictures and rows: what Python wrote is what the page reads. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { decodeFrame, type Frame } from "../../src/wire/frame.ts";
import type { FrameHeader } from "../../src/wire/protocol.ts";

type Golden = { header: FrameHeader; buffers: string[]; expect: Record<string, number[]> };

function read(name: string): Golden {
  const path = join(import.meta.dirname, `../../../tests/golden/input-${name}.json`);
  return JSON.parse(readFileSync(path, "utf8")) as Golden;
}

function bytes(base64: string): DataView {
  const buffer = Buffer.from(base64, "base64");
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

const decoded = (golden: Golden): Frame => decodeFrame(golden.header, golden.buffers.map(bytes), "");
const floats = (values: number[]) => values.map(Math.fround);

describe("a frame of a picture", () => {
  const golden = read("image");
  const frame = decoded(golden);
  const extra = frame.extra!;

  it("has the unit on its own grid, and the site on its own", () => {
    expect([...frame.unit!]).toEqual(floats(golden.expect.unit!));
    expect(extra.unitGrid).toEqual([1, 4]);
    expect(extra.grid).toEqual([2, 3]);
  });

  it("has each pin with its grid", () => {
    expect(extra.pins.map((pin) => pin.grid)).toEqual([[2, 3], null]);
    expect(extra.pins.map((pin) => [...pin.values])).toEqual([
      floats(golden.expect.pin_0!),
      floats(golden.expect.pin_1!),
    ]);
  });

  it("has small pictures of the strongest units, with NaN as none", () => {
    expect([extra.tiles!.rows, extra.tiles!.cols]).toEqual([2, 3]);
    expect([...extra.tiles!.units]).toEqual(golden.expect.tile_units);
    expect([...extra.tiles!.values]).toEqual(floats(golden.expect.tile_values!));
    expect([...extra.tiles!.bytes]).toEqual(golden.expect.tiles);
    expect(extra.tiles!.bytes.filter((byte) => byte === 0).length).toBe(frame.header.odd.nan);
    expect(frame.header.odd.nan).toBe(1);
  });

  it("has what the model sees, and what it makes of it", () => {
    expect([extra.seen!.width, extra.seen!.height]).toEqual([4, 2]);
    expect([...extra.seen!.rgb]).toEqual(golden.expect.seen);
    expect(frame.header.classes!.probabilities).toEqual([0.75, 0.25]);
    expect(frame.header.siteScale!.hi).toBe(5);
  });
});

describe("a frame of a row", () => {
  const golden = read("table");
  const frame = decoded(golden);

  it("has flat values", () => {
    expect(frame.extra!.grid).toBeNull();
    expect([...frame.unit!]).toEqual(golden.expect.unit);
    expect(frame.unit!.length).toBe(1);
    expect([...frame.topUnits!]).toEqual(golden.expect.top_units);
  });

  it("has what the unit and the classes do over a column", () => {
    expect(frame.header.sweep).toEqual({ column: "age", xs: [18, 54, 90] });
    expect([...frame.extra!.sweep!.unit!]).toEqual(floats(golden.expect.sweep_unit!));
    expect(frame.extra!.sweep!.pins.flatMap((line) => [...line])).toEqual(floats(golden.expect.sweep_pins!));
    expect([...frame.extra!.sweep!.classes!]).toEqual(floats(golden.expect.sweep_classes!));
  });
});
