/** Points of a map of inputs: read from the trait, and painted. */
import { hueOf } from "../../paint/scale.ts";
import type { LayerInfo } from "../../wire/results/patterns.ts";

export type Points = { x: Uint16Array; y: Uint16Array; pattern: Int16Array };

/** The bytes of a text in base64; none where it is no such text. */
export function bytesIn(text: unknown): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(String(text)), (letter) => letter.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}

export function pointsOf({ points }: Pick<LayerInfo, "points">): Points {
  const { buffer, length } = bytesIn(points);
  const n = Math.floor(length / 6);
  return {
    x: new Uint16Array(buffer, 0, n),
    y: new Uint16Array(buffer, 2 * n, n),
    pattern: new Int16Array(buffer, 4 * n, n),
  };
}

/** 0…1 from the left and from the top. */
export function placeOf({ ends }: Pick<LayerInfo, "ends">, x: number, y: number): [number, number] {
  const share = (value: number, low: number, high: number) =>
    Math.min(1, Math.max(0, (value - low) / (high - low || 1)));
  return [share(x, ends[0], ends[1]), 1 - share(y, ends[2], ends[3])];
}

/** Inputs in no pattern are grey. */
export const colourFor = (pattern: number, dark: boolean): string =>
  pattern < 0 ? (dark ? "#85858e" : "#9a9a97") : hueOf(pattern, dark);

/** There are eight hues: the next eight patterns are rings, then squares, then crosses. */
const shapeOf = (pattern: number): number => (pattern < 0 ? 0 : (pattern >> 3) % 4);

/** How far the points keep from the edge. */
export const EDGE = 8;

/** Paints all points; what is not `lit` fades. `place`: where the present input lies, 0…1. */
export function paintPoints(
  pen: CanvasRenderingContext2D,
  points: Points,
  size: { width: number; height: number; radius: number },
  dark: boolean,
  place: readonly [number, number] | null,
  lit: (i: number) => boolean = () => true,
): void {
  const { width, height, radius } = size;
  pen.clearRect(0, 0, width, height);
  const at = (x: number, y: number): [number, number] => [
    EDGE + x * (width - 2 * EDGE),
    EDGE + y * (height - 2 * EDGE),
  ];
  // Those in no pattern below the others, those that are not meant below all.
  const order = Array.from(points.pattern, (_, i) => i);
  const rank = (i: number) => (lit(i) ? 2 : 0) + (points.pattern[i]! < 0 ? 0 : 1);
  order.sort((a, b) => rank(a) - rank(b));
  const isNarrowed = order.some((i) => !lit(i));
  for (const i of order) {
    const pattern = points.pattern[i]!;
    // Those in no pattern are in the background, but where they are what is chosen.
    const isBack = pattern < 0 && !(isNarrowed && lit(i));
    pen.globalAlpha = lit(i) ? (isBack ? 0.7 : 0.9) : 0.13;
    const [x, y] = at(points.x[i]! / 65535, 1 - points.y[i]! / 65535);
    stamp(pen, x, y, isBack ? 0.7 * radius : radius, pattern, dark);
  }
  pen.globalAlpha = 1;
  if (place) cross(pen, ...at(...place), dark);
}

/** One mark: the hue and the shape of its pattern. */
export function stamp(
  pen: CanvasRenderingContext2D,
  x: number,
  y: number,
  r: number,
  pattern: number,
  dark: boolean,
): void {
  pen.fillStyle = pen.strokeStyle = colourFor(pattern, dark);
  pen.lineWidth = 1.6;
  pen.beginPath();
  const shape = shapeOf(pattern);
  if (shape === 2) pen.rect(x - r, y - r, 2 * r, 2 * r);
  else if (shape === 3) {
    for (const [dx, dy] of [
      [r, r],
      [r, -r],
    ] as const) {
      pen.moveTo(x - dx, y - dy);
      pen.lineTo(x + dx, y + dy);
    }
  } else pen.arc(x, y, r, 0, 7);
  if (shape % 2 === 1) pen.stroke();
  else pen.fill();
}

/** The present input: a cross of hairlines around a ring, in ink on a ground that parts it from the points. */
function cross(pen: CanvasRenderingContext2D, x: number, y: number, dark: boolean): void {
  for (const [ink, width] of [
    [dark ? "#000" : "#fff", 5],
    [dark ? "#fff" : "#000", 2],
  ] as const) {
    pen.strokeStyle = ink;
    pen.lineWidth = width;
    pen.beginPath();
    pen.arc(x, y, 6, 0, 7);
    for (const [dx, dy] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ] as const) {
      pen.moveTo(x + 6 * dx, y + 6 * dy);
      pen.lineTo(x + 12 * dx, y + 12 * dy);
    }
    pen.stroke();
  }
}
