/** Snapshot of the last frame as a string: a saved notebook shows it when no kernel answers. */
import { decodeFrame, type Frame } from "../wire/frame.ts";
import type { ArraySpec } from "../wire/protocol.ts";
import { halfRows } from "./half-rows.ts";

/** The most characters a snapshot may have; a notebook should not grow by megabytes. */
export const SNAPSHOT_LIMIT = 300_000;
const VERSION = 1;

type Snapshot = { version: number; text: string; header: object; buffers: string[] };

/** Left out first when there is too much: what can be missed first. */
const EXPENDABLE = ["map", "overview", "pins"];

/** null when even the smallest snapshot is too large. */
export function takeSnapshot(whole: Frame): string | null {
  const dropped = new Set<string>();
  let frame = whole;
  for (let i = 0; ; ) {
    const snapshot = write(frame, dropped);
    if (snapshot.length <= SNAPSHOT_LIMIT) return snapshot;
    // A coarser map is better than none.
    const coarser = i === 0 ? halfRows(frame) : null;
    if (coarser) frame = coarser;
    else if (i < EXPENDABLE.length) dropped.add(EXPENDABLE[i++]!);
    else return null;
  }
}

/** null for what is not a snapshot that can be shown. */
export function readSnapshot(stored: unknown): Frame | null {
  if (typeof stored !== "string" || stored === "" || stored.length > 2 * SNAPSHOT_LIMIT) return null;
  try {
    const { version, text, header, buffers } = JSON.parse(stored) as Snapshot;
    if (version !== VERSION || typeof text !== "string") return null;
    return decodeFrame(header, buffers.map(fromBase64), text);
  } catch {
    // A snapshot of another version, or one that was tampered with: the page starts empty.
    return null;
  }
}

// biome-ignore lint/complexity/noExcessiveCognitiveComplexity: a list of arrays, each there or not.
function write(frame: Frame, dropped: Set<string>): string {
  const header = { ...frame.header };
  const arrays: ArraySpec[] = [];
  const buffers: string[] = [];
  const add = (name: string, dtype: ArraySpec["dtype"], shape: number[], data: ArrayBufferView | null) => {
    if (!data || dropped.has(name)) return;
    arrays.push({ name, dtype, shape });
    buffers.push(toBase64(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)));
  };
  const tokens = frame.spans.length / 2;
  const { extra } = frame;
  if (!extra) add("spans", "i32", [tokens, 2], frame.spans);
  if (frame.ids) add("ids", "i32", [tokens], frame.ids);
  if (frame.unit) add("unit", "f32", [frame.unit.length], frame.unit);
  if (extra?.tiles) {
    const { bytes, units, values, rows, cols } = extra.tiles;
    add("tiles", "u8", [units.length, rows, cols], bytes);
    add("tile_units", "i32", [units.length], units);
    add("tile_values", "f32", [units.length], values);
  }
  if (extra?.seen) add("seen", "u8", [extra.seen.height, extra.seen.width, 3], extra.seen.rgb);
  if (extra?.sweep?.unit) add("sweep_unit", "f32", [extra.sweep.unit.length], extra.sweep.unit);
  if (extra?.sweep && extra.sweep.pins.length > 0) {
    const together = Float32Array.from(extra.sweep.pins.flatMap((line) => [...line]));
    add("sweep_pins", "f32", [extra.sweep.pins.length, header.sweep!.xs.length], together);
  }
  if (extra?.sweep?.classes) {
    const points = header.sweep!.xs.length;
    add("sweep_classes", "f32", [points, extra.sweep.classes.length / points], extra.sweep.classes);
  }
  extra?.pins.forEach(({ values }, i) => {
    add(`pin_${i}`, "f32", [values.length], values);
  });
  if (extra) header.pinGrids = extra.pins.map(({ grid }) => grid && [...grid]);
  if (header.pins.length > 0 && frame.pins) add("pins", "f32", [header.pins.length, tokens], frame.pins);
  if (frame.mapShape) {
    add("map", "u8", [...frame.mapShape], frame.map);
    if (!dropped.has("map")) add("map_units", "i32", [frame.mapShape[0]], frame.mapUnits);
  }
  if (frame.overviewShape) add("overview", "u8", [...frame.overviewShape], frame.overview);
  if (frame.topUnits) add("top_units", "i32", [frame.topUnits.length], frame.topUnits);
  if (frame.topValues) add("top_values", "f32", [frame.topValues.length], frame.topValues);
  if (dropped.has("map")) header.map = null;
  if (dropped.has("overview")) header.overview = null;
  if (dropped.has("pins")) {
    header.pins = [];
    header.pinScales = [];
  }
  header.arrays = arrays;
  return JSON.stringify({ version: VERSION, text: frame.text, header, buffers } satisfies Snapshot);
}

function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let i = 0; i < bytes.length; i += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  }
  return btoa(binary);
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
