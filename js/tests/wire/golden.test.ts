/** The frames in tests/golden are written by Python; this page must read the same numbers out of them. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Host, opened } from "../../fakes/host.ts";
import { valueOfByte } from "../../src/paint/scale.ts";
import { decodeFrame, type Frame } from "../../src/wire/frame.ts";
import type { ErrorAnswer, FrameHeader, ProbeAnswer } from "../../src/wire/protocol.ts";

const folder = join(import.meta.dirname, "../../../tests/golden/");
const files = existsSync(folder) ? readdirSync(folder).filter((name) => /^frame-.*\.json$/.test(name)) : [];

type Golden = { header: FrameHeader; buffers: string[]; expect: Record<string, number[]>; text?: string };

const NAMES: Record<string, keyof Frame> = {
  map_units: "mapUnits",
  top_units: "topUnits",
  top_values: "topValues",
};

function read(name: string): Golden {
  return JSON.parse(readFileSync(folder + name, "utf8")) as Golden;
}

function bytes(base64: string): DataView {
  const buffer = Buffer.from(base64, "base64");
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

it("there are golden frames", () => {
  expect(files.length).toBeGreaterThan(0);
});

describe.each(files)("%s", (name) => {
  const golden = read(name);
  const text = golden.text ?? "x".repeat(golden.header.window.end + 4);
  const frame = decodeFrame(golden.header, golden.buffers.map(bytes), text);

  it.each(Object.keys(golden.expect))("%s has Python's numbers", (array) => {
    const data = frame[NAMES[array] ?? (array as keyof Frame)] as ArrayLike<number> | null;
    expect(data).not.toBeNull();
    expect(Array.from(data!)).toEqual(
      golden.expect[array]!.map((x) => (array.endsWith("units") ? x : exact(array, x))),
    );
  });

  it("every array that was sent is known here", () => {
    for (const { name: array } of golden.header.arrays) {
      if (array === "pad") continue;
      expect(frame[NAMES[array] ?? (array as keyof Frame)]).not.toBeNull();
    }
  });

  it("map bytes stand for values inside the scale, or for none", () => {
    const scale = golden.header.map?.scale;
    if (!scale) return;
    for (const byte of frame.map!) {
      const value = valueOfByte(byte, scale);
      if (byte < 3) expect(Number.isFinite(value)).toBe(false);
      else {
        expect(value).toBeGreaterThanOrEqual(scale.lo - 1e-9);
        expect(value).toBeLessThanOrEqual(scale.hi + 1e-9);
      }
    }
  });
});

/** JSON holds what Python printed of a float32; float arrays are compared as float32. */
function exact(array: string, value: number): number {
  return ["unit", "pins", "top_values"].includes(array) ? Math.fround(value) : value;
}

describe("Python's other messages", () => {
  const messages = JSON.parse(readFileSync(`${folder}messages.json`, "utf8")) as Record<
    string,
    { kind: string }
  >;

  it.each(Object.keys(messages))("%s is understood", (name) => {
    const host = new Host({ input: "abc" });
    const { session } = opened(host);
    host.kernel(messages[name]!);
    // What is not understood ends as an error that speaks of the message's kind.
    expect(session.error.value?.message ?? "").not.toContain("does not know");
    expect(session.state.value).toBe(name === "closed" ? "closed" : "live");
  });

  it("an error has words, a probe its value", () => {
    expect((messages.error as unknown as ErrorAnswer).message).toContain("nowhere.3");
    expect((messages.probe as unknown as ProbeAnswer).value).toBe(0);
    expect((messages["probe-unit"] as unknown as ProbeAnswer).value).toBe("nan");
  });
});
