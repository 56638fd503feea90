import { describe, expect, it } from "vitest";
import { luminance } from "../../src/paint/colours.ts";
import {
  byteOf,
  formatExact,
  formatValue,
  gradientOf,
  hueOf,
  inkOn,
  legendTicks,
  positionOf,
  tableFor,
  valueAt,
  valueOfByte,
} from "../../src/paint/scale.ts";
import type { Scale } from "../../src/wire/protocol.ts";

const linear: Scale = { lo: 0, hi: 8, mode: "linear", knee: 1, signed: false, pinned: false };
const signed: Scale = { lo: -4, hi: 4, mode: "linear", knee: 1, signed: true, pinned: false };
const log: Scale = { lo: -100, hi: 100, mode: "log", knee: 0.5, signed: true, pinned: false };

describe("bytes", () => {
  it("run from lo at 3 to hi at 255, with 129 in the middle", () => {
    for (const scale of [linear, signed, log]) {
      expect(valueOfByte(3, scale)).toBeCloseTo(scale.lo, 10);
      expect(valueOfByte(255, scale)).toBeCloseTo(scale.hi, 10);
    }
    expect(valueOfByte(129, linear)).toBe(4);
    expect(valueOfByte(129, signed)).toBe(0);
    expect(valueOfByte(129, log)).toBe(0);
  });

  it("keep what is not finite apart", () => {
    expect(valueOfByte(0, linear)).toBeNaN();
    expect(valueOfByte(1, linear)).toBe(Number.NEGATIVE_INFINITY);
    expect(valueOfByte(2, linear)).toBe(Number.POSITIVE_INFINITY);
    expect(
      [Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY].map((v) => byteOf(v, linear)),
    ).toEqual([0, 1, 2]);
  });

  it("go to values and back", () => {
    for (const scale of [linear, signed, log]) {
      for (let byte = 3; byte < 256; byte++) expect(byteOf(valueOfByte(byte, scale), scale)).toBe(byte);
    }
  });

  it("clamp beyond the ends", () => {
    expect(byteOf(1e9, linear)).toBe(255);
    expect(byteOf(-1e9, linear)).toBe(3);
  });
});

describe("positions", () => {
  it("in log mode follow sign(a) · ln(1 + |a|/knee)", () => {
    const p = positionOf(10, log)!;
    const far = Math.log(1 + 100 / 0.5);
    expect(p).toBeCloseTo((Math.log(1 + 10 / 0.5) + far) / (2 * far), 12);
    expect(valueAt(p, log)).toBeCloseTo(10, 9);
  });

  it("of an empty scale are its quiet end", () => {
    expect(positionOf(0, { ...linear, hi: 0 })).toBe(0);
    expect(positionOf(0, { ...signed, lo: 0, hi: 0 })).toBe(0.5);
    expect(legendTicks({ ...linear, hi: 0 })).toHaveLength(1);
  });
});

describe("colours", () => {
  const lightness = (packed: number) => {
    // OKLab's L, from sRGB.
    const f = (shift: number) => {
      const c = ((packed >> shift) & 255) / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    };
    const [r, g, b] = [f(0), f(8), f(16)];
    const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
    const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
    const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
    return {
      L: 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
      a: 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
      b: 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
    };
  };
  const tables = [false, true].flatMap((dark) =>
    [false, true].map((isSigned) => ({ dark, isSigned, table: tableFor({ signed: isSigned }, dark) })),
  );

  it.each(tables)(
    "dark $dark, signed $isSigned: lightness runs one way from nothing to strong",
    ({ table, isSigned, dark }) => {
      const L = Array.from(table.slice(3), (c) => lightness(c).L);
      const arms = isSigned ? [L.slice(126), L.slice(0, 127).reverse()] : [L];
      for (const arm of arms) {
        for (let i = 4; i < arm.length; i++) {
          // Over four steps: a single one is smaller than the rounding to 8 bits.
          const rise = arm[i]! - arm[i - 4]!;
          expect(dark ? rise : -rise).toBeGreaterThan(0);
        }
      }
    },
  );

  it.each(tables)("dark $dark, signed $isSigned: steps are about equally large to the eye", ({ table }) => {
    const lab = Array.from(table.slice(3), lightness);
    const steps: number[] = [];
    for (let i = 14; i < lab.length; i += 14) {
      const [p, q] = [lab[i - 14]!, lab[i]!];
      steps.push(Math.hypot(p.L - q.L, p.a - q.a, p.b - q.b));
    }
    expect(Math.max(...steps) / Math.min(...steps)).toBeLessThan(1.25);
  });

  it.each(tables)(
    "dark $dark, signed $isSigned: NaN and infinities stand apart from all values",
    ({ table }) => {
      for (const odd of [0, 1, 2]) {
        const o = lightness(table[odd]!);
        const gaps = Array.from(table.slice(3), (c) => {
          const v = lightness(c);
          return Math.hypot(v.L - o.L, v.a - o.a, v.b - o.b);
        });
        expect(Math.min(...gaps)).toBeGreaterThan(0.06);
      }
    },
  );

  /** What people without one kind of cones see (Machado, Oliveira and Fernandes 2009), in linear sRGB. */
  const BLINDNESS = {
    protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
    deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
    tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
  };
  const seenBy = (packed: number, m: number[]) => {
    const f = (shift: number) => {
      const c = ((packed >> shift) & 255) / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    };
    const rgb = [f(0), f(8), f(16)];
    const code = (row: number) => {
      const c = Math.min(1, Math.max(0, m[row]! * rgb[0]! + m[row + 1]! * rgb[1]! + m[row + 2]! * rgb[2]!));
      return Math.round(255 * (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055));
    };
    return lightness(code(0) | (code(3) << 8) | (code(6) << 16));
  };
  const apart = (p: ReturnType<typeof lightness>, q: ReturnType<typeof lightness>) =>
    Math.hypot(p.L - q.L, p.a - q.a, p.b - q.b);

  it.each(Object.entries(BLINDNESS))("keep positive and negative apart with %s", (_, matrix) => {
    for (const dark of [false, true]) {
      const table = tableFor({ signed: true }, dark);
      for (const away of [40, 80, 126]) {
        expect(apart(seenBy(table[129 + away]!, matrix), seenBy(table[129 - away]!, matrix))).toBeGreaterThan(
          0.08,
        );
      }
    }
  });

  it.each(Object.entries(BLINDNESS))("of pins are told apart with %s", (_, matrix) => {
    for (const dark of [false, true]) {
      const hues = Array.from({ length: 8 }, (_, pin) => {
        const value = Number.parseInt(hueOf(pin, dark).slice(1), 16);
        return seenBy((value >> 16) | (value & 0xff00) | ((value & 255) << 16), matrix);
      });
      hues.forEach((hue, i) => {
        for (const other of hues.slice(i + 1)) expect(apart(hue, other)).toBeGreaterThan(0.05);
      });
    }
  });

  it("of text on a shade have a contrast of at least 4.5", () => {
    for (const { dark, isSigned, table } of tables) {
      for (let byte = 3; byte < 256; byte++) {
        const scale = isSigned ? signed : linear;
        const value = valueOfByte(byte, scale);
        const shade = luminance(table[byte]!) + 0.05;
        const contrast = inkOn(value, scale, dark) === "white" ? 1.05 / shade : shade / 0.05;
        expect(contrast).toBeGreaterThan(4.5);
      }
    }
  });

  it("of pins differ, and start again after the last", () => {
    const hues = Array.from({ length: 8 }, (_, i) => hueOf(i, false));
    expect(new Set(hues).size).toBe(8);
    expect(hueOf(8, false)).toBe(hues[0]);
  });

  it("make a gradient for legends", () => {
    expect(gradientOf(linear, false)).toMatch(/^linear-gradient\(to right, rgb/);
  });
});

describe("the legend", () => {
  it("always has both ends, and zero inside", () => {
    for (const scale of [linear, signed, log, { ...linear, lo: 0.123, hi: 0.456 }]) {
      const ticks = legendTicks(scale);
      expect(ticks[0]!.value).toBe(scale.lo);
      expect(ticks.at(-1)!.value).toBe(scale.hi);
      expect(ticks[0]!.position).toBe(0);
      expect(ticks.at(-1)!.position).toBe(1);
      for (let i = 1; i < ticks.length; i++) {
        expect(ticks[i]!.position - ticks[i - 1]!.position).toBeGreaterThanOrEqual(0.159);
      }
    }
    expect(legendTicks(signed).some((tick) => tick.value === 0)).toBe(true);
  });
});

describe("numbers", () => {
  it("are short on axes", () => {
    const cases: [number, string][] = [
      [3.4099998, "3.41"],
      [0, "0"],
      [-0, "0"],
      [-0.002, "−0.002"],
      [120000, "1.2e5"],
      [0.00001234, "1.23e−5"],
      [1234.5, "1235"],
      [Number.NaN, "NaN"],
      [Number.NEGATIVE_INFINITY, "−∞"],
    ];
    for (const [value, words] of cases) expect(formatValue(value)).toBe(words);
  });

  it("are exact on hover: the decimal reads back as the same float32", () => {
    for (const value of [0.1, 3.1175, 1 / 3, -1e-8, 123456.789, 16777217, 3.4e38, 1e-45]) {
      const single = Math.fround(value);
      const words = formatExact(single).replace("−", "-").replace("e−", "e-");
      expect(Math.fround(Number(words))).toBe(single);
    }
    expect(formatExact(Math.fround(0.1))).toBe("0.1");
  });
});
