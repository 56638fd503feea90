/** Snapshot of the last frame as a string: a saved notebook shows it when no kernel answers. */
import { decodeFrame, type Frame } from "../wire/frame.ts";
import { VERSION } from "../wire/shared.ts";
import type { Panels } from "./panel.ts";

/** The most characters a snapshot may have; a notebook should not grow by megabytes. */
export const SNAPSHOT_LIMIT = 300_000;

type Snapshot = { version: number; text: string; message: object; buffers: string[] };

/** null when even the smallest snapshot is too large. */
export function takeSnapshot(whole: Frame, panels: Panels): string | null {
  const shrinks = [...panels.values()]
    .flatMap(({ shrink = [] }) => shrink)
    .sort((one, other) => one.rank - other.rank);
  let frame = whole;
  for (let i = 0; ; ) {
    const snapshot = write(frame);
    if (snapshot.length <= SNAPSHOT_LIMIT) return snapshot;
    let smaller: Frame | null = null;
    while (!smaller && i < shrinks.length) {
      smaller = shrinks[i]!.make(frame);
      if (!smaller) i++;
    }
    if (!smaller) return null;
    frame = smaller;
  }
}

/** null for what is not a snapshot that can be shown. */
export function readSnapshot(stored: unknown, panels: Panels): Frame | null {
  if (typeof stored !== "string" || stored === "" || stored.length > 2 * SNAPSHOT_LIMIT) return null;
  try {
    const { version, text, message, buffers } = JSON.parse(stored) as Snapshot;
    if (version !== VERSION || typeof text !== "string") return null;
    return decodeFrame(message, buffers.map(fromBase64), text, panels.values());
  } catch {
    // A snapshot of another version, or one that was tampered with: the page starts empty.
    return null;
  }
}

function write({ seq, head, parts, text, arrays: all }: Frame): string {
  const named = [...all].filter(([name]) => name !== "pad");
  const arrays = named.map(([name, { dtype, shape }]) => ({ name, dtype, shape }));
  const buffers = named.map(([, { data }]) => toBase64(data));
  const message = { v: VERSION, kind: "frame", seq, head, parts, arrays };
  return JSON.stringify({ version: VERSION, text, message, buffers } satisfies Snapshot);
}

function toBase64({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  let binary = "";
  for (let i = 0; i < bytes.length; i += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  }
  return btoa(binary);
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
