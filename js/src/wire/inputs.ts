/** Inputs that a person edits: text, a picture, or one row of a table. */

/** RGB bytes, row after row. */
export type Picture = { width: number; height: number; rgb: Uint8Array };
/** Values by column. */
export type Row = Record<string, number | string>;
export type Input = string | Picture | Row;
export type GalleryItem = Picture & { label: string };

type Loose = Record<string, unknown>;

export const isText = (input: Input): input is string => typeof input === "string";
export const textOf = (input: Input): string => (isText(input) ? input : "");
export const isPicture = (input: Input | null): input is Picture =>
  typeof input === "object" && (input as Loose | null)?.rgb instanceof Uint8Array;
export const isRow = (input: Input): input is Row => !isText(input) && !isPicture(input);

/** The newlines a textarea knows: a page that kept \r\n would count other offsets than its editor. */
export function withPlainNewlines(text: string): string {
  return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
}

/** The trait in a shape that can be relied on; saved notebooks may hold anything. */
export function readInput(value: unknown): Input {
  if (typeof value === "string") return withPlainNewlines(value);
  if (typeof value !== "object" || value === null) return "";
  const { width, height, rgb, pixels, data } = value as Loose;
  const bytes = bytesOf(rgb ?? pixels ?? data);
  if (bytes) {
    const fits = 3 * (width as number) * (height as number) === bytes.length && bytes.length > 0;
    return fits ? { width: width as number, height: height as number, rgb: bytes } : "";
  }
  const cells = Object.entries(value).filter(
    ([, cell]) => typeof cell === "number" || typeof cell === "string",
  );
  return Object.fromEntries(cells);
}

export function bytesOf(buffer: unknown): Uint8Array | null {
  if (buffer instanceof Uint8Array) return buffer;
  if (ArrayBuffer.isView(buffer)) return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  return buffer instanceof ArrayBuffer ? new Uint8Array(buffer) : null;
}

/** Are two inputs, or any two small plain values, alike? */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isPicture(a as Input) && isPicture(b as Input)) return samePicture(a as Picture, b as Picture);
  return JSON.stringify(a) === JSON.stringify(b);
}

function samePicture(a: Picture, b: Picture): boolean {
  return a.width === b.width && a.height === b.height && a.rgb.every((byte, i) => byte === b.rgb[i]);
}
