/** Looks of tokens: the background by the selected unit, a line below for each pin, ink that can be read. */
import { css, luminance } from "../../../paint/colours.ts";
import { byteOf, hueOf, positionOf, tableFor } from "../../../paint/scale.ts";
import { traceOf, unitScale, unitValues } from "../../../panels/trace/wire.ts";
import type { Frame } from "../../../wire/frame.ts";
import type { Scale } from "../../../wire/protocol.ts";

/** Height of one pin's line, CSS pixels. */
export const PIN_PX = 3;
/** More lines than this no line of text has room for, and no eye can follow. */
export const MOST_LINES = 8;

export type Look = {
  /** null: not shaded. */
  background: string | null;
  ink: "black" | "white" | null;
  /** One colour a pin, mixed with the ground by how strong it is here. */
  lines: string[];
  /** The style of a stretch that is this token alone; made when first wanted. */
  style?: string;
};

/** The looks of a frame's tokens. Tokens that look the same share one, so a long text costs few strings. */
export class Shader {
  readonly #looks = new Map<number, Look>();
  readonly #colours: Uint32Array | null;
  readonly #hues: string[];
  readonly #ground: string;

  readonly #scale: Scale | null;
  readonly #unit: Float32Array | null;
  readonly #pins: { values: Float32Array; scale: Scale }[];

  constructor(frame: Frame, dark: boolean) {
    this.#scale = unitScale(frame);
    this.#unit = unitValues(frame);
    this.#pins = frame.head.pins.slice(0, MOST_LINES).flatMap((pin) => traceOf(frame, pin) ?? []);
    this.#colours = this.#scale && tableFor(this.#scale, dark);
    this.#hues = this.#pins.map((_, pin) => hueOf(pin, dark));
    this.#ground = dark ? "#2c2c31" : "#ececea";
  }

  look(token: number): Look {
    const value = this.#unit?.[token];
    const byte = value === undefined || !this.#scale ? 256 : byteOf(value, this.#scale);
    let key = byte;
    const shares: number[] = [];
    for (const { values, scale } of this.#pins) {
      // Steps of 5 %: finer ones nobody sees.
      const share = Math.round(strengthOf(values[token]!, scale) * 20);
      shares.push(share);
      key = key * 21 + share;
    }
    let look = this.#looks.get(key);
    if (!look) {
      look = { ...this.#shade(byte), lines: shares.map((share, pin) => this.#line(pin, 5 * share)) };
      this.#looks.set(key, look);
    }
    return look;
  }

  #shade(byte: number): Pick<Look, "background" | "ink"> {
    const packed = this.#colours?.[byte];
    if (packed === undefined) return { background: null, ink: null };
    return { background: css(packed), ink: luminance(packed) > 0.179 ? "black" : "white" };
  }

  #line(pin: number, share: number): string {
    const hue = this.#hues[pin]!;
    return share === 100 ? hue : `color-mix(in oklab,${hue} ${share}%,${this.#ground})`;
  }
}

/** 0…1: how far a value is from nothing; NaN and infinities count as full. */
function strengthOf(value: number, scale: Scale): number {
  const position = positionOf(value, scale);
  if (position === null) return 1;
  return scale.signed ? Math.abs(2 * position - 1) : position;
}

/** The style of a stretch of text with these tokens' looks. */
export function styleOf(looks: Look[]): string {
  const first = looks[0];
  if (!first) return "";
  if (looks.length === 1) {
    first.style ??= write(looks, first);
    return first.style;
  }
  return write(looks, first);
}

function write(looks: Look[], first: Look): string {
  const parts: string[] = [];
  if (looks.length > 1) {
    // Tokens that share a character lie side by side in it.
    const stops = looks.map(
      ({ background }, i) =>
        `${background ?? "transparent"} ${pct(i, looks.length)} ${pct(i + 1, looks.length)}`,
    );
    parts.push(`background:linear-gradient(to right,${stops.join(",")})`);
  } else if (first.background) {
    parts.push(`background:${first.background}`);
  }
  if (first.ink) parts.push(`color:${first.ink}`);
  if (first.lines.length > 0) {
    // Inner shadows from the bottom up, the lowest on top of the others.
    const shadows = [...first.lines].reverse().map((line, i) => `inset 0 -${(i + 1) * PIN_PX}px ${line}`);
    shadows.push(`inset 0 -${first.lines.length * PIN_PX + 1}px var(--nw-bg)`);
    parts.push(`box-shadow:${shadows.join(",")}`);
  }
  return parts.join(";");
}

function pct(i: number, n: number): string {
  return `${((100 * i) / n).toFixed(1)}%`;
}
