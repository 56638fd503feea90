/** Pixels on a canvas of their own size, stretched by the page without smoothing. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { byteOf, positionOf, tableFor } from "../paint/scale.ts";
import type { Scale } from "../wire/protocol.ts";

/** Packed RGBA, row after row. */
export type Rgba = Uint32Array<ArrayBuffer>;

export function ofRgb(rgb: Uint8Array): Rgba {
  const rgba = new Uint32Array(rgb.length / 3);
  for (let i = 0, at = 0; i < rgba.length; i++, at += 3) {
    rgba[i] = (255 << 24) | (rgb[at + 2]! << 16) | (rgb[at + 1]! << 8) | rgb[at]!;
  }
  return rgba;
}

export function ofBytes(bytes: Uint8Array, table: Uint32Array): Rgba {
  return Uint32Array.from(bytes, (byte) => table[byte]!);
}

export function ofValues(values: Float32Array, scale: Scale, table: Uint32Array): Rgba {
  return Uint32Array.from(values, (value) => table[byteOf(value, scale)]!);
}

/** Share of the colour that lies over a picture where nothing is: else strong values would not stand out on a bright one. */
const VEIL = 0.3;

/**
 * Colours of maps in and beside pictures: of a dark ground, in both themes and over any picture, so that one colour is
 * one value wherever a unit is seen.
 */
export const mapTable = (scale: Pick<Scale, "signed">): Uint32Array => tableFor(scale, true);

/** The stronger, the less of the picture below shines through. */
export function overlayOf(values: Float32Array, scale: Scale, opacity: number): Rgba {
  const table = mapTable(scale);
  return Uint32Array.from(values, (value) => {
    const position = positionOf(value, scale);
    const strength = position === null ? 1 : scale.signed ? Math.abs(2 * position - 1) : position;
    const alpha = Math.round(255 * opacity * (VEIL + (1 - VEIL) * strength));
    return ((alpha << 24) | (table[byteOf(value, scale)]! & 0xffffff)) >>> 0;
  });
}

type PixelsProps = { rgba: Rgba; width: number; height: number; class?: string };

export function Pixels({ rgba, width, height, ...rest }: PixelsProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const context = canvas.current!.getContext("2d");
    if (!context || rgba.length === 0 || rgba.length !== width * height) return;
    context.putImageData(new ImageData(new Uint8ClampedArray(rgba.buffer), width, height), 0, 0);
  }, [rgba, width, height]);
  return <canvas ref={canvas} width={width} height={height} {...rest} />;
}
