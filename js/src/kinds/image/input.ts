/** Pictures as inputs: how they are read and sent, what the model gets of them, and the words for them. */
import type { InputKind, KindWords } from "../../session/kind.ts";
import { bytesOf } from "../../wire/arrays.ts";
import { type Input, isPicture } from "../../wire/inputs.ts";
import type { Size } from "../../wire/protocol.ts";
import { NO_TOKENS } from "../words.ts";

declare module "../../wire/protocol.ts" {
  interface InputAsks {
    /** RGB bytes of this size are the message's first buffer. */
    image: { kind: "image" } & Partial<Size>;
  }
}
declare module "../../wire/traits.ts" {
  interface InputInfos {
    image: ImageInfo;
  }
}

export type ImageInfo = Size & {
  kind: "image";
  channels: number;
  classes: string[] | null;
  /** How many pictures can be picked. */
  gallery: number;
};

export const IMAGE_WORDS: KindWords = {
  input: "picture",
  document: ["picture", "pictures"],
  things: "positions",
  ...NO_TOKENS,
};

const sizeOf = (input: Input): Size | object =>
  isPicture(input) ? { width: input.width, height: input.height } : {};

export const IMAGE_INPUT: InputKind = {
  name: "image",
  words: IMAGE_WORDS,
  darkGround: true,
  read(value) {
    if (typeof value !== "object" || value === null) return "";
    const { width, height, rgb, pixels, data } = value as Record<string, unknown>;
    const bytes = bytesOf(rgb ?? pixels ?? data);
    const [wide, high] = [width as number, height as number];
    return bytes && bytes.length > 0 && 3 * wide * high === bytes.length
      ? { width: wide, height: high, rgb: bytes }
      : "";
  },
  ask: (input) => ({ kind: "image", ...sizeOf(input) }),
  change: (input) => (isPicture(input) ? sizeOf(input) : input),
  bytes: (input) => (isPicture(input) ? input.rgb : undefined),
};
