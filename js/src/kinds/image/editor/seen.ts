/** Pictures as the model gets them. */
import { dataOf, type Frame, shapeOf } from "../../../wire/frame.ts";
import type { Picture } from "../../../wire/inputs.ts";

/** RGB: what the model gets after preprocessing, each channel over its own range; null where it was not sent. */
export function seenOf(frame: Frame | null): Picture | null {
  const rgb = frame && dataOf<Uint8Array>(frame, "input.seen");
  const [height = 0, width = 0, channels] = (frame && shapeOf(frame, "input.seen")) ?? [];
  return rgb instanceof Uint8Array && channels === 3 ? { width, height, rgb } : null;
}
