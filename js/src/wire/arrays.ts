/** Arrays of a message: typed views over its buffers, checked against what the message says of them. */
import type { ArraySpec, Dtype } from "./protocol.ts";
import { Refusal } from "./refusal.ts";

export type Numbers = Uint8Array | Int32Array | Float32Array;
export type NamedArray = { readonly dtype: Dtype; readonly shape: readonly number[]; readonly data: Numbers };
export type Arrays = ReadonlyMap<string, NamedArray>;

export const SIZE: Record<Dtype, number> = { u8: 1, i32: 4, f32: 4 };

export function readArrays(specs: readonly ArraySpec[], buffers: readonly unknown[]): Arrays {
  if (specs.length !== buffers.length) {
    throw new Refusal(`The frame describes ${specs.length} arrays but brings ${buffers.length}.`);
  }
  const arrays = new Map<string, NamedArray>();
  specs.forEach(({ name, dtype, shape }, i) => {
    if (arrays.has(name)) throw new Refusal(`The frame brings "${name}" twice.`);
    const bytes = bytesOf(buffers[i]);
    if (!bytes) throw new Refusal(`The frame's "${name}" did not come as bytes.`);
    const size = SIZE[dtype] * shape.reduce((product, n) => product * n, 1);
    if (size !== bytes.byteLength) {
      throw new Refusal(
        `The frame's "${name}" should be ${dtype} [${shape.join(" × ")}], which is ${size} bytes, ` +
          `but ${bytes.byteLength} came.`,
      );
    }
    arrays.set(name, { dtype, shape, data: typed(dtype, bytes) });
  });
  return arrays;
}

/** Refuses an array that is there but of another type or shape; null in `shape` is any length. */
export function checkArray(
  arrays: Arrays,
  name: string,
  dtype: Dtype,
  shape: readonly (number | null)[],
): void {
  const array = arrays.get(name);
  if (!array) return;
  const fits =
    array.dtype === dtype &&
    array.shape.length === shape.length &&
    shape.every((n, i) => n === null || n === array.shape[i]);
  if (fits) return;
  const expected = shape.map((n) => n ?? "any").join(" × ");
  throw new Refusal(
    `The frame's "${name}" is ${array.dtype} [${array.shape.join(" × ")}], expected ${dtype} [${expected}].`,
  );
}

export function bytesOf(buffer: unknown): Uint8Array | null {
  if (buffer instanceof Uint8Array) return buffer;
  if (ArrayBuffer.isView(buffer)) return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  return buffer instanceof ArrayBuffer ? new Uint8Array(buffer) : null;
}

/** A view where the bytes are aligned, a copy where they are not. */
function typed(dtype: Dtype, bytes: Uint8Array): Numbers {
  if (dtype === "u8") return bytes;
  const { buffer, byteOffset, byteLength } = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new (dtype === "i32" ? Int32Array : Float32Array)(buffer as ArrayBuffer, byteOffset, byteLength / 4);
}
