/** The frames in tests/golden are written by Python; this page must read the same numbers out of them. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { decode } from "../../fakes/frame-writer.ts";
import { Host, opened } from "../../fakes/host.ts";
import { valueOfByte } from "../../src/paint/scale.ts";
import { mapOf } from "../../src/panels/map/wire.ts";
import type { ErrorAnswer, FrameMessage, ProbeAnswer } from "../../src/wire/protocol.ts";

const folder = join(import.meta.dirname, "../../../tests/golden/");
const files = existsSync(folder)
  ? readdirSync(folder).filter((name) => /^(frame|input)-.*\.json$/.test(name))
  : [];

type Golden = { header: FrameMessage; buffers: string[]; expect: Record<string, number[]>; text?: string };

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
  const text = golden.text ?? "x".repeat((golden.header.head.input.window?.end ?? 0) + 4);
  const frame = decode(golden.header, golden.buffers.map(bytes), text);

  it.each(Object.keys(golden.expect))("%s has Python's numbers", (name) => {
    const { dtype, data } = frame.arrays.get(name)!;
    const exact = dtype === "f32" ? Math.fround : (value: number) => value;
    expect(Array.from(data)).toEqual(golden.expect[name]!.map(exact));
  });

  it("every array that was sent is known here, and every part", () => {
    expect([...frame.arrays.keys()]).toEqual(golden.header.arrays.map(({ name }) => name));
    for (const name of frame.arrays.keys())
      expect(["pad", "input", ...Object.keys(frame.parts)]).toContain(name.split(".")[0]);
    const given = Object.entries(golden.header.parts).filter(([, part]) => part !== null);
    expect(frame.parts).toEqual(Object.fromEntries(given));
  });

  it("map bytes stand for values inside the scale, or for none", () => {
    const map = mapOf(frame);
    if (!map) return;
    const { scale } = map;
    for (const byte of map.cells) {
      const value = valueOfByte(byte, scale);
      if (byte < 3) expect(Number.isFinite(value)).toBe(false);
      else {
        expect(value).toBeGreaterThanOrEqual(scale.lo - 1e-9);
        expect(value).toBeLessThanOrEqual(scale.hi + 1e-9);
      }
    }
  });
});

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
