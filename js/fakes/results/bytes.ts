/** What invented results share: kinds of input, and bytes as they travel in traits. */

export type ResultKind = "text" | "image" | "table";

export function base64(
  ...arrays: (Uint32Array | Uint16Array | Int16Array | Int32Array | Uint8Array)[]
): string {
  const bytes = arrays.flatMap((array) => [
    ...new Uint8Array(array.buffer, array.byteOffset, array.byteLength),
  ]);
  return btoa(bytes.map((byte) => String.fromCharCode(byte)).join(""));
}
