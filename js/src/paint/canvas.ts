/** Paints the picture of a map onto a canvas: crisp bins, at the screen's own resolution. */
import { imageOf } from "./image.ts";
import { fractions, type Range } from "./region.ts";

export type Picture = {
  bytes: Uint8Array;
  shape: readonly [number, number];
  table: Uint32Array;
  /** What the picture is of, and what of it is to be seen; the old picture is stretched until the new one comes. */
  rows: Range;
  cols: Range;
  seenRows: Range;
  seenCols: Range;
};

/** Keeps the last picture as an image, so that panning and resizing only draw it again. */
export class Painter {
  #image: HTMLCanvasElement | null = null;
  #pixels: ImageData | null = null;
  #of: { bytes: Uint8Array; table: Uint32Array } | null = null;

  paint(canvas: HTMLCanvasElement, width: number, height: number, picture: Picture | null): void {
    const density = globalThis.devicePixelRatio || 1;
    const pixels: [number, number] = [Math.round(width * density), Math.round(height * density)];
    // Setting the size clears the canvas, and costs; only when it is another.
    if (canvas.width !== pixels[0]) canvas.width = pixels[0];
    if (canvas.height !== pixels[1]) canvas.height = pixels[1];
    const context = canvas.getContext("2d");
    if (context === null) return;
    context.clearRect(0, 0, pixels[0], pixels[1]);
    if (picture === null || picture.bytes.length === 0) return;
    const image = this.#imageFor(picture);
    if (image === null) return;
    const [left, wide] = fractions(picture.cols, picture.seenCols);
    const [top, high] = fractions(picture.rows, picture.seenRows);
    context.imageSmoothingEnabled = false;
    context.drawImage(image, left * pixels[0], top * pixels[1], wide * pixels[0], high * pixels[1]);
  }

  #imageFor({ bytes, shape, table }: Picture): HTMLCanvasElement | null {
    if (this.#image && this.#of?.bytes === bytes && this.#of.table === table) return this.#image;
    this.#image ??= document.createElement("canvas");
    if (this.#image.width !== shape[1]) this.#image.width = shape[1];
    if (this.#image.height !== shape[0]) this.#image.height = shape[0];
    const context = this.#image.getContext("2d");
    if (context === null) return null;
    this.#pixels = imageOf(bytes, shape, table, this.#pixels);
    context.putImageData(this.#pixels, 0, 0);
    this.#of = { bytes, table };
    return this.#image;
  }
}
