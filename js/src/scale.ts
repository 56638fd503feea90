/**
 * Bytes and values to colours. The tables are the views' whole interface to colour:
 * `tableFor(scale, dark)` gives 256 packed RGBA numbers (little-endian, for a Uint32Array over ImageData).
 */
import type { Scale } from "./protocol.ts";

/** 256 × 0xAABBGGRR: index with a byte of `map` or `overview`. 0 NaN, 1 −∞, 2 +∞, 3…255 lo…hi. */
export declare function tableFor(scale: Pick<Scale, "signed">, dark: boolean): Uint32Array;
/** `rgb(r g b)` of an exact value on a scale; NaN and ±∞ have their own colours. */
export declare function colourOf(value: number, scale: Scale, dark: boolean): string;
/** Exact value → 0…1 along the scale (clamped), null when not finite. */
export declare function positionOf(value: number, scale: Scale): number | null;
/** 0…1 → value. */
export declare function valueAt(position: number, scale: Scale): number;
/** The value a byte stands for (the middle of its step), NaN/±Infinity for 0, 1, 2. */
export declare function valueOfByte(byte: number, scale: Scale): number;
/** Ticks of the legend: always both ends, and zero where it is inside. Position 0…1. */
export declare function legendTicks(scale: Scale): { value: number; position: number; label: string }[];
/** A short exact-enough number: 3.41, −0.002, 1.2e5, NaN, ∞. */
export declare function formatValue(value: number): string;
/** A CSS colour for the i-th pin, told apart by the colour-blind too. */
export declare function hueOf(pin: number, dark: boolean): string;
