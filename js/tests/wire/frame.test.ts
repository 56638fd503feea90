import { describe, expect, it } from "vitest";
import { decode, type Patch, view } from "../../fakes/frame-writer.ts";
import { asking, frameOf } from "../../fakes/host.ts";
import { mapOf } from "../../src/panels/map/wire.ts";
import { overviewOf } from "../../src/panels/overview/wire.ts";
import { pinValues, unitValues } from "../../src/panels/trace/wire.ts";
import { Refusal } from "../../src/wire/refusal.ts";
import { spansOf } from "../../src/wire/tokens.ts";

const good = (patch: Patch = {}) => frameOf(asking("abc", 5), patch);
const trace = good().message.parts.trace!;

function refusal(message: unknown, buffers: unknown[], text = "abc"): string {
  try {
    decode(message, buffers, text);
  } catch (reason) {
    expect(reason).toBeInstanceOf(Refusal);
    return (reason as Refusal).message;
  }
  throw new Error("it was taken");
}

describe("a good frame", () => {
  it("becomes typed arrays over the same bytes", () => {
    const { message, buffers } = good();
    const frame = decode(message, buffers, "abc");
    expect([...spansOf(frame)]).toEqual([0, 1, 1, 2, 2, 3]);
    expect([...unitValues(frame)!]).toEqual([0, 1, 2]);
    expect(unitValues(frame)!.buffer).toBe(buffers[1]!.buffer);
    expect(mapOf(frame)).toBeNull();
  });

  it("is read from bytes that do not lie on a boundary of four", () => {
    const { message, buffers } = good();
    const shifted = buffers.map((buffer) => {
      const bytes = new Uint8Array(buffer.byteLength + 8);
      bytes.set(new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength), 3);
      return new DataView(bytes.buffer, 3, buffer.byteLength);
    });
    const frame = decode(message, shifted, "abc");
    expect([...spansOf(frame)]).toEqual([0, 1, 1, 2, 2, 3]);
    expect([...unitValues(frame)!]).toEqual([0, 1, 2]);
  });

  it("is read from a part of a larger buffer, as JupyterLab hands it over", () => {
    const { message, buffers } = good();
    const whole = new Uint8Array(64).fill(255);
    whole.set(new Uint8Array(buffers[0]!.buffer), 8);
    const frame = decode(message, [new DataView(whole.buffer, 8, 24), buffers[1]], "abc");
    expect([...spansOf(frame)]).toEqual([0, 1, 1, 2, 2, 3]);
  });

  it("carries a map, its units and the shapes of both pictures", () => {
    const scale = trace.scale!;
    const { message, buffers } = good({
      parts: {
        map: { rows: [0, 64], cols: [0, 3], total: 64, selected: null, scale },
        overview: { sites: ["mlp.0", "mlp.1"], lows: [0, 0.5], highs: [1, 2] },
      },
    });
    message.arrays = [
      ...message.arrays,
      { name: "map.cells", dtype: "u8", shape: [2, 3] },
      { name: "map.units", dtype: "i32", shape: [2] },
      { name: "overview.cells", dtype: "u8", shape: [2, 3] },
    ];
    const more = [new Uint8Array(6), new Int32Array([9, 8]), new Uint8Array(6)].map(view);
    const frame = decode(message, [...buffers, ...more], "abc");
    expect(mapOf(frame)!.shape).toEqual([2, 3]);
    expect([...mapOf(frame)!.units]).toEqual([9, 8]);
    expect(overviewOf(frame)!.shape).toEqual([2, 3]);
  });
});

describe("what is refused, and in which words", () => {
  it("another version says what to update", () => {
    const { message, buffers } = good();
    expect(refusal({ ...message, v: 1 }, buffers)).toContain("speaks version 1");
    expect(refusal({ ...message, v: "2" }, buffers)).toContain("no version we know");
  });

  it("another kind", () => {
    const { message, buffers } = good();
    expect(refusal({ ...message, kind: "picture" }, buffers)).toContain("picture");
  });

  it("a message that is no object", () => {
    for (const message of [null, undefined, 7, "frame", []]) {
      expect(() => decode(message, [], "")).toThrow(Refusal);
    }
  });

  const window = { start: 0, end: 3, first: 0, total: 3 };
  const scale = { lo: 0, hi: 1, mode: "linear", knee: 1, signed: false };
  it.each([
    ["seq", { seq: -1 }],
    ["seq", { seq: "7" }],
    ["head", { head: null }],
    ["window", { head: { input: { kind: "text", window: null, labels: {} } } }],
    ["window", { head: { input: { kind: "text", window: { ...window, total: undefined }, labels: {} } } }],
    ["labels", { head: { input: { kind: "text", window, labels: { 0: 5 } } } }],
    ["labels without a window", { head: { input: { kind: "text", labels: {} } } }],
    ["pins", { head: { pins: ["a", 3] } }],
    ["pinScales", { parts: { trace: { ...trace, pinScales: [null] } } }],
    ["scale", { parts: { trace: { ...trace, scale: { ...scale, lo: null } } } }],
    ["scale", { parts: { trace: { ...trace, scale: { ...scale, mode: "cubic" } } } }],
    ["map", { parts: { map: { rows: [0], cols: [0, 1], total: 1 } } }],
    ["overview", { parts: { overview: { sites: ["a"], lows: [0], highs: [] } } }],
    ["guesses", { parts: { guesses: { list: [{ text: 1, p: 0.5 }], actual: null } } }],
    ["guesses", { parts: { guesses: "many" } }],
    ["parts", { parts: [] }],
    ["odd", { head: { odd: {} } }],
    ["ms", { head: { ms: { model: Number.NaN, total: 1 } } }],
    ["token", { head: { token: 1.5 } }],
    ["arrays", { arrays: [{ name: "unit", dtype: "f64", shape: [1] }] }],
    ["arrays", { arrays: [{ name: "unit", dtype: "constructor", shape: [1] }] }],
    ["arrays", { arrays: [{ name: "unit", dtype: "f32", shape: [-1] }] }],
    ["arrays", { arrays: [{ name: "unit", dtype: "f32", shape: [1e300] }] }],
    ["arrays", { arrays: [{ name: "unit", dtype: "f32", shape: [] }] }],
  ])("a header whose %s is wrong: %j", (_, patch) => {
    const { message, buffers } = good();
    const { head: changed = {} } = patch as { head?: object | null };
    const head = changed && { ...message.head, ...changed };
    expect(refusal({ ...message, ...patch, head }, buffers)).toMatch(/not readable/);
  });

  it("fewer buffers than described", () => {
    const { message, buffers } = good();
    expect(refusal(message, buffers.slice(1))).toBe("The frame describes 2 arrays but brings 1.");
  });

  it("bytes that do not fit the shape, with both numbers", () => {
    const { message, buffers } = good();
    const words = refusal(message, [buffers[0], new DataView(new ArrayBuffer(8))]);
    expect(words).toContain('"trace.unit"');
    expect(words).toContain("12 bytes");
    expect(words).toContain("8 came");
  });

  it("a huge shape is refused before anything is made of it", () => {
    const { message, buffers } = good();
    message.arrays[1]!.shape = [2 ** 40];
    expect(refusal(message, buffers)).toContain("but 12 came");
  });

  it("as many values as tokens are required", () => {
    const { message, buffers } = good();
    message.arrays[1]!.shape = [2];
    expect(refusal(message, [buffers[0], view(new Float32Array(2))])).toContain("expected f32 [3]");
  });

  it("an array twice", () => {
    const { message, buffers } = good();
    message.arrays[1] = message.arrays[0]!;
    expect(refusal(message, [buffers[0], buffers[0]])).toContain("twice");
  });

  it("spans beyond the text, or running backwards", () => {
    const { message, buffers } = good();
    expect(refusal(message, buffers, "ab")).toContain("2–3");
    const back = view(Int32Array.from([1, 2, 0, 1, 2, 3]));
    expect(refusal(message, [back, buffers[1]])).toContain("Token 1");
  });

  it("buffers that are no bytes", () => {
    const { message } = good();
    expect(refusal(message, ["AAAA", "AAAA"])).toContain("did not come as bytes");
  });

  it("names from Object.prototype are names like others", () => {
    const { message, buffers } = good();
    message.arrays.push({ name: "__proto__", dtype: "u8", shape: [1] });
    const frame = decode(message, [...buffers, view(new Uint8Array(1))], "abc");
    expect(pinValues(frame)).toEqual([]);
    expect(frame.parts).toEqual(message.parts);
  });
});
