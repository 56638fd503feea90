/**
 * Tables of colours: smooth paths through OKLab, walked in equal perceived steps.
 *
 * Lightness always runs one way from "nothing" to "strong", so the order survives every kind of colour blindness
 * and print; warm means positive, blue means negative (a pair that all common kinds tell apart).
 */

import { FIRST } from "../wire/codes.ts";
import { HUES } from "../wire/shared.ts";

/** Lightness 0…1, chroma, hue in degrees (OKLCH). */
type Point = readonly [number, number, number];
type Rgb = readonly [number, number, number];

const SEQUENTIAL: Record<Ground, Point[]> = {
  light: [
    [0.985, 0.004, 95],
    [0.9, 0.09, 88],
    [0.78, 0.14, 68],
    [0.64, 0.18, 40],
    [0.5, 0.18, 15],
    [0.37, 0.14, 345],
    [0.26, 0.09, 315],
  ],
  dark: [
    [0.24, 0.008, 280],
    [0.34, 0.1, 312],
    [0.46, 0.15, 350],
    [0.58, 0.17, 18],
    [0.7, 0.16, 48],
    [0.82, 0.14, 78],
    [0.93, 0.09, 100],
  ],
};
const WARM: Record<Ground, Point[]> = {
  light: [
    [0.985, 0.004, 95],
    [0.86, 0.1, 72],
    [0.7, 0.16, 50],
    [0.54, 0.17, 36],
    [0.38, 0.12, 30],
  ],
  dark: [
    [0.24, 0.008, 280],
    [0.4, 0.1, 38],
    [0.57, 0.15, 45],
    [0.74, 0.15, 62],
    [0.9, 0.1, 85],
  ],
};
const COOL: Record<Ground, Point[]> = {
  light: [
    [0.985, 0.004, 95],
    [0.86, 0.07, 225],
    [0.7, 0.12, 240],
    [0.54, 0.15, 255],
    [0.38, 0.13, 265],
  ],
  dark: [
    [0.24, 0.008, 280],
    [0.4, 0.1, 265],
    [0.57, 0.14, 250],
    [0.74, 0.12, 235],
    [0.9, 0.07, 215],
  ],
};
/** NaN, −∞, +∞: greys and greens lie on none of the paths above. */
const ODD: Record<Ground, Point[]> = {
  light: [
    [0.62, 0, 0],
    [0.45, 0.08, 195],
    [0.72, 0.19, 145],
  ],
  dark: [
    [0.62, 0, 0],
    [0.6, 0.1, 195],
    [0.85, 0.2, 145],
  ],
};

export type Ground = "light" | "dark";

const cache = new Map<string, Uint32Array>();

/** 256 packed little-endian RGBA numbers: NaN, −∞ and +∞, then the path. */
export function colourTable(signed: boolean, ground: Ground): Uint32Array {
  const key = `${signed} ${ground}`;
  let table = cache.get(key);
  if (!table) {
    const steps = 256 - FIRST;
    const half = (steps - 1) / 2;
    const path = signed
      ? [...evenly(COOL[ground], half + 1).reverse(), ...evenly(WARM[ground], half + 1).slice(1)]
      : evenly(SEQUENTIAL[ground], steps);
    const odd = ODD[ground].map((point) => toRgb(point));
    table = Uint32Array.from([...odd, ...path], pack);
    cache.set(key, table);
  }
  return table;
}

/** `count` colours along the path, neighbours equally far apart in OKLab. */
function evenly(points: Point[], count: number): Rgb[] {
  const fine = 64;
  const walk: Rgb[] = [];
  for (let i = 0; i < points.length - 1; i++) {
    for (let j = 0; j < fine; j++) walk.push(inGamut(between(points[i]!, points[i + 1]!, j / fine)));
  }
  walk.push(inGamut(points[points.length - 1]!));
  const distance = [0];
  for (let i = 1; i < walk.length; i++) distance.push(distance[i - 1]! + gap(walk[i - 1]!, walk[i]!));
  const whole = distance[distance.length - 1]!;
  const even: Rgb[] = [];
  for (let i = 0, at = 0; i < count; i++) {
    const want = (whole * i) / (count - 1);
    while (at < walk.length - 2 && distance[at + 1]! < want) at++;
    const part = (want - distance[at]!) / (distance[at + 1]! - distance[at]!);
    even.push(labToRgb(mix(walk[at]!, walk[at + 1]!, Math.min(1, Math.max(0, part)))));
  }
  return even;
}

function between(a: Point, b: Point, t: number): Point {
  // Hue goes the short way round.
  const turn = ((b[2] - a[2] + 540) % 360) - 180;
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + turn * t];
}

function mix(a: Rgb, b: Rgb, t: number): Rgb {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
}

function gap(a: Rgb, b: Rgb): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

function toLab([l, c, h]: Point): Rgb {
  const angle = (h * Math.PI) / 180;
  return [l, c * Math.cos(angle), c * Math.sin(angle)];
}

/** OKLab of the point, with less chroma where the screen cannot show it. */
function inGamut(point: Point): Rgb {
  let [l, c, h] = point;
  while (c > 0 && labToLinear(toLab([l, c, h])).some((x) => x < -1e-4 || x > 1 + 1e-4)) c -= 0.002;
  return toLab([l, Math.max(0, c), h]);
}

function toRgb(point: Point): Rgb {
  return labToRgb(inGamut(point));
}

/** Björn Ottosson's OKLab → linear sRGB. */
function labToLinear([L, a, b]: Rgb): Rgb {
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

function labToRgb(lab: Rgb): Rgb {
  const [r, g, b] = labToLinear(lab).map((x) => {
    const c = Math.min(1, Math.max(0, x));
    return Math.round(255 * (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055));
  });
  return [r!, g!, b!];
}

function pack([r, g, b]: Rgb): number {
  return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

/** `rgb(r g b)` of a packed entry. */
export function css(packed: number): string {
  return `rgb(${packed & 255} ${(packed >> 8) & 255} ${(packed >> 16) & 255})`;
}

/** Relative luminance of a packed entry, 0…1, for choosing a text colour by contrast. */
export function luminance(packed: number): number {
  const part = (shift: number) => {
    const c = ((packed >> shift) & 255) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * part(0) + 0.7152 * part(8) + 0.0722 * part(16);
}

/**
 * The hues were found by a search for the largest smallest difference, to common sight and to the three kinds of colour
 * blindness; the first five are furthest apart. The ninth pin starts again.
 */
export function pinHue(pin: number, ground: Ground): string {
  const hues = HUES[ground];
  return hues[((pin % hues.length) + hues.length) % hues.length]!;
}
