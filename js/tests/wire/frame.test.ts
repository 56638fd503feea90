import { describe, expect, it } from "vitest";
import { view } from "../../fakes/frame-writer.ts";
import { frameOf } from "../../fakes/host.ts";
import { decodeFrame, Refusal } from "../../src/wire/frame.ts";
import type { FrameHeader } from "../../src/wire/protocol.ts";

const good = (patch: Partial<FrameHeader> = {}) => frameOf({ seq: 5, text: "abc" }, patch);

function refusal(header: unknown, buffers: unknown[], text = "abc"): string {
  try {
    decodeFrame(header, buffers, text);
  } catch (reason) {
    expect(reason).toBeInstanceOf(Refusal);
    return (reason as Refusal).message;
  }
  throw new Error("it was taken");
}

describe("a good frame", () => {
  it("becomes typed arrays over the same bytes", () => {
    const { header, buffers } = good();
    const frame = decodeFrame(header, buffers, "abc");
    expect([...frame.spans]).toEqual([0, 1, 1, 2, 2, 3]);
    expect([...frame.unit!]).toEqual([0, 1, 2]);
    expect(frame.unit!.buffer).toBe(buffers[1]!.buffer);
    expect(frame.map).toBeNull();
  });

  it("is read from bytes that do not lie on a boundary of four", () => {
    const { header, buffers } = good();
    const shifted = buffers.map((buffer) => {
      const bytes = new Uint8Array(buffer.byteLength + 8);
      bytes.set(new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength), 3);
      return new DataView(bytes.buffer, 3, buffer.byteLength);
    });
    const frame = decodeFrame(header, shifted, "abc");
    expect([...frame.spans]).toEqual([0, 1, 1, 2, 2, 3]);
    expect([...frame.unit!]).toEqual([0, 1, 2]);
  });

  it("is read from a part of a larger buffer, as JupyterLab hands it over", () => {
    const { header, buffers } = good();
    const whole = new Uint8Array(64).fill(255);
    whole.set(new Uint8Array(buffers[0]!.buffer), 8);
    const frame = decodeFrame(header, [new DataView(whole.buffer, 8, 24), buffers[1]], "abc");
    expect([...frame.spans]).toEqual([0, 1, 1, 2, 2, 3]);
  });

  it("carries a map, its units and the shapes of both pictures", () => {
    const scale = good().header.scale!;
    const { header, buffers } = good({
      map: { rows: [0, 64], cols: [0, 3], total: 64, selected: null, scale },
      overview: { sites: ["mlp.0", "mlp.1"], lows: [0, 0.5], highs: [1, 2] },
    });
    header.arrays = [
      ...header.arrays,
      { name: "map", dtype: "u8", shape: [2, 3] },
      { name: "map_units", dtype: "i32", shape: [2] },
      { name: "overview", dtype: "u8", shape: [2, 3] },
    ];
    const more = [new Uint8Array(6), new Int32Array([9, 8]), new Uint8Array(6)].map(view);
    const frame = decodeFrame(header, [...buffers, ...more], "abc");
    expect(frame.mapShape).toEqual([2, 3]);
    expect([...frame.mapUnits!]).toEqual([9, 8]);
    expect(frame.overviewShape).toEqual([2, 3]);
  });
});

describe("what is refused, and in which words", () => {
  it("another version says what to update", () => {
    const { header, buffers } = good();
    expect(refusal({ ...header, v: 2 }, buffers)).toContain("speaks version 2");
    expect(refusal({ ...header, v: "1" }, buffers)).toContain("no version we know");
  });

  it("another kind", () => {
    const { header, buffers } = good();
    expect(refusal({ ...header, kind: "picture" }, buffers)).toContain("picture");
  });

  it("a message that is no object", () => {
    for (const message of [null, undefined, 7, "frame", []]) {
      expect(() => decodeFrame(message, [], "")).toThrow(Refusal);
    }
  });

  it.each([
    ["seq", -1],
    ["seq", "7"],
    ["window", null],
    ["window", { start: 0, end: 3, first: 0 }],
    ["labels", { 0: 5 }],
    ["pins", ["a", 3]],
    ["pinScales", [null]],
    ["scale", { lo: null, hi: 1, mode: "linear", knee: 1, signed: false }],
    ["scale", { lo: 0, hi: 1, mode: "cubic", knee: 1, signed: false }],
    ["map", { rows: [0], cols: [0, 1], total: 1 }],
    ["overview", { sites: ["a"], lows: [0], highs: [] }],
    ["guesses", { list: [{ text: 1, p: 0.5 }], actual: null }],
    ["odd", {}],
    ["ms", { model: Number.NaN, total: 1 }],
    ["token", 1.5],
    ["arrays", [{ name: "unit", dtype: "f64", shape: [1] }]],
    ["arrays", [{ name: "unit", dtype: "constructor", shape: [1] }]],
    ["arrays", [{ name: "unit", dtype: "f32", shape: [-1] }]],
    ["arrays", [{ name: "unit", dtype: "f32", shape: [1e300] }]],
    ["arrays", [{ name: "unit", dtype: "f32", shape: [] }]],
  ])("a header whose %s is %j", (key, value) => {
    const { header, buffers } = good();
    expect(refusal({ ...header, [key]: value }, buffers)).toMatch(/not readable/);
  });

  it("fewer buffers than described", () => {
    const { header, buffers } = good();
    expect(refusal(header, buffers.slice(1))).toBe("The frame describes 2 arrays but brings 1.");
  });

  it("bytes that do not fit the shape, with both numbers", () => {
    const { header, buffers } = good();
    const message = refusal(header, [buffers[0], new DataView(new ArrayBuffer(8))]);
    expect(message).toContain('"unit"');
    expect(message).toContain("12 bytes");
    expect(message).toContain("8 came");
  });

  it("a huge shape is refused before anything is made of it", () => {
    const { header, buffers } = good();
    header.arrays[1]!.shape = [2 ** 40];
    expect(refusal(header, buffers)).toContain("but 12 came");
  });

  it("as many values as tokens are required", () => {
    const { header, buffers } = good();
    header.arrays[1]!.shape = [2];
    expect(refusal(header, [buffers[0], view(new Float32Array(2))])).toContain("expected f32 [3]");
  });

  it("an array twice", () => {
    const { header, buffers } = good();
    header.arrays[1] = header.arrays[0]!;
    expect(refusal(header, [buffers[0], buffers[0]])).toContain("twice");
  });

  it("spans beyond the text, or running backwards", () => {
    const { header, buffers } = good();
    expect(refusal(header, buffers, "ab")).toContain("2–3");
    const back = view(Int32Array.from([1, 2, 0, 1, 2, 3]));
    expect(refusal(header, [back, buffers[1]])).toContain("Token 1");
  });

  it("buffers that are no bytes", () => {
    const { header } = good();
    expect(refusal(header, ["AAAA", "AAAA"])).toContain("did not come as bytes");
  });

  it("names from Object.prototype are names like others", () => {
    const { header, buffers } = good();
    header.arrays.push({ name: "__proto__", dtype: "u8", shape: [1] });
    const frame = decodeFrame(header, [...buffers, view(new Uint8Array(1))], "abc");
    expect(frame.pins).toBeNull();
  });
});
