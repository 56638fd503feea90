/** Inputs that a person edits: a text, or what another kind of input has in its place. */

/** RGB bytes, row after row. */
export type Picture = { width: number; height: number; rgb: Uint8Array };
/** Values by column. */
export type Row = Record<string, number | string>;
export type Input = string | object;
export type GalleryItem = Picture & { label: string };

export const textOf = (input: Input): string => (typeof input === "string" ? input : "");
export const isPicture = (input: Input | null): input is Picture =>
  typeof input === "object" && (input as Partial<Picture> | null)?.rgb instanceof Uint8Array;
export const isRow = (input: Input): input is Row => typeof input === "object" && !isPicture(input);

/** Are two inputs, or any two plain values, alike? */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (a instanceof Uint8Array)
    return b instanceof Uint8Array && a.length === b.length && a.every((byte, i) => byte === b[i]);
  const names = Object.keys(a) as (keyof object)[];
  return names.length === Object.keys(b).length && names.every((name) => same(a[name], b[name]));
}
