/** Exemplars of pictures: a picture with the unit's map over it, and the part around the peak, larger. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { byteOf, positionOf, tableFor } from "../../paint/scale.ts";
import type { Scale } from "../../wire/protocol.ts";
import type { Exemplar, Listing } from "../exemplars.ts";
import type { Kind } from "../registry.ts";
import { IMAGE_WORDS } from "./input.ts";

/** Left, top, width and height as parts of the picture. */
export type Box = [number, number, number, number];

/** What is shown around the peak; null: the peak lies nowhere. */
export function cropBox(
  at: readonly [number, number] | null,
  [rows, cols]: readonly [number, number],
): Box | null {
  if (!at || rows * cols <= 1) return null;
  const size = Math.min(0.6, Math.max(0.34, 3 / Math.max(rows, cols)));
  const place = (index: number, count: number) =>
    Math.min(1 - size, Math.max(0, (index + 0.5) / count - size / 2));
  return [place(at[1], cols), place(at[0], rows), size, size];
}

/** RGBA of a map: the stronger, the more it covers. */
export function overlay(values: Float32Array, scale: Scale): Uint8ClampedArray<ArrayBuffer> {
  const table = tableFor(scale, true);
  const rgba = new Uint8ClampedArray(4 * values.length);
  values.forEach((value, i) => {
    const packed = table[byteOf(value, scale)]!;
    const position = positionOf(value, scale) ?? 1;
    const strength = scale.signed ? Math.abs(2 * position - 1) : position;
    rgba.set(
      [packed & 255, (packed >> 8) & 255, (packed >> 16) & 255, Math.round(215 * strength ** 0.7)],
      4 * i,
    );
  });
  return rgba;
}

type PictureProps = { exemplar: Exemplar; listing: Listing; side: number };

function Picture({ exemplar, listing, side }: PictureProps) {
  const plain = useRef<HTMLCanvasElement>(null);
  const over = useRef<HTMLCanvasElement>(null);
  const crop = useRef<HTMLCanvasElement>(null);
  const { image, shades, at } = exemplar;
  const mapSize = listing.map?.kept ?? [1, 1];
  const box = cropBox(at ?? null, listing.map?.grid ?? [1, 1]);
  // A place outside of every picture is as good as none: hooks read primitives only.
  const [x, y, w] = box ?? [0, 0, 0];
  useLayoutEffect(() => {
    if (!image) return;
    const { width, height, rgb } = image;
    const rgba = new Uint8ClampedArray(4 * width * height).fill(255);
    for (let i = 0; i < width * height; i++) rgba.set(rgb.subarray(3 * i, 3 * i + 3), 4 * i);
    put(plain.current, rgba, width, height);
    if (shades.length === mapSize[0] * mapSize[1] && shades.length > 1)
      put(over.current, overlay(shades, listing.scale), mapSize[1], mapSize[0]);
    const pen = crop.current?.getContext("2d");
    if (!pen || w === 0) return;
    pen.imageSmoothingEnabled = false;
    pen.clearRect(0, 0, side, side);
    for (const from of [plain.current!, over.current!]) {
      const part = [x * from.width, y * from.height, w * from.width, w * from.height] as const;
      pen.drawImage(from, ...part, 0, 0, side, side);
    }
  }, [image, shades, listing.scale, mapSize[0], mapSize[1], side, x, y, w]);
  if (!image) return <span class="nw-soft">no picture was kept</span>;
  const size = { width: `${side}px`, height: `${side}px` };
  const words = `Picture ${exemplar.id}${exemplar.label === null ? "" : `, ${exemplar.label}`}`;
  return (
    <span class="nw-ex-pictures">
      <span class="nw-ex-picture" style={size} role="img" aria-label={words}>
        <canvas ref={plain} width={image.width} height={image.height} />
        <canvas ref={over} class="nw-ex-over" width={mapSize[1]} height={mapSize[0]} />
        {box && (
          <span
            class="nw-ex-box"
            style={{ left: `${100 * x}%`, top: `${100 * y}%`, width: `${100 * w}%`, height: `${100 * w}%` }}
          />
        )}
      </span>
      {box && <canvas ref={crop} class="nw-ex-crop" style={size} width={side} height={side} />}
    </span>
  );
}

function put(
  canvas: HTMLCanvasElement | null,
  rgba: Uint8ClampedArray<ArrayBuffer>,
  width: number,
  height: number,
): void {
  canvas?.getContext("2d")?.putImageData(new ImageData(rgba, width, height), 0, 0);
}

export const IMAGE_EXEMPLARS: Kind = {
  name: "image",
  words: IMAGE_WORDS,
  exemplars: {
    // Pictures are painted over as if they were dark, in both themes.
    isDark: true,
    Item: (props) => <Picture {...props} side={72} />,
    look: (_, __, width) => ({
      sizes: { line: 128, perLine: Math.max(1, Math.floor((width || 600) / 180)) },
      lead: null,
    }),
    openHeight: 290,
    Opened: (props) => (
      <>
        <Picture {...props} side={200} />
        {props.exemplar.at && props.exemplar.peak >= 0 && (
          <p class="nw-soft">The second picture is the part around the peak.</p>
        )}
      </>
    ),
    place: () => null,
    sayUse: ({ image }) =>
      image
        ? `Put this picture in the editor, in the size in which it was kept (${image.width} × ${image.height})`
        : "Put this picture in the editor",
    use({ image }, live) {
      if (!image) return "No picture was kept of it.";
      live.setInput({ ...image, rgb: image.rgb.slice() });
      return "It is in the editor now.";
    },
  },
};
