/** What each token looks like: its background by the selected unit, a line below for each pin, ink that can be read. */
import { css, luminance } from "../../colours.ts";
import type { Frame } from "../../frame.ts";
import type { Scale } from "../../protocol.ts";
import { byteOf, hueOf, positionOf, tableFor } from "../../scale.ts";

/** Height of one pin's line, CSS pixels. */
export const PIN_PX = 3;

export type Look = {
  /** null: not shaded. */
  background: string | null;
  ink: "black" | "white" | null;
  /** One colour a pin, mixed with the ground by how strong it is here. */
  lines: string[];
};

/** The looks of all tokens of a frame's window, made on demand and reused. */
export class Shader {
  private readonly looks = new Map<number, Look>();
  private readonly colours: Uint32Array | null;
  private readonly hues: string[];
  private readonly ground: string;

  constructor(
    private readonly frame: Frame,
    dark: boolean,
  ) {
    const { scale, pins } = frame.header;
    this.colours = scale && tableFor(scale, dark);
    this.hues = pins.map((_, pin) => hueOf(pin, dark));
    this.ground = dark ? "#2c2c31" : "#ececea";
  }

  look(token: number): Look {
    let look = this.looks.get(token);
    if (!look) {
      look = { ...this.shade(token), lines: this.lines(token) };
      this.looks.set(token, look);
    }
    return look;
  }

  private shade(token: number): Pick<Look, "background" | "ink"> {
    const value = this.frame.unit?.[token];
    const scale = this.frame.header.scale;
    if (value === undefined || !scale || !this.colours) return { background: null, ink: null };
    const packed = this.colours[byteOf(value, scale)]!;
    return { background: css(packed), ink: luminance(packed) > 0.179 ? "black" : "white" };
  }

  private lines(token: number): string[] {
    const { pins, spans, header } = this.frame;
    if (!pins) return [];
    return this.hues.map((hue, pin) => {
      const strength = strengthOf(pins[(pin * spans.length) / 2 + token]!, header.pinScales[pin]!);
      // Steps of 5 %: few different strings for the browser to read.
      const share = Math.round(strength * 20) * 5;
      return share === 100 ? hue : `color-mix(in oklab,${hue} ${share}%,${this.ground})`;
    });
  }
}

/** 0…1: how far a value is from nothing; NaN and infinities count as full. */
export function strengthOf(value: number, scale: Scale): number {
  const position = positionOf(value, scale);
  if (position === null) return 1;
  return scale.signed ? Math.abs(2 * position - 1) : position;
}

/** The style of a stretch of text with these tokens' looks. */
export function styleOf(looks: Look[]): string {
  const first = looks[0];
  if (!first) return "";
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
