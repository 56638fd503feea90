/** Reading of one token, in words and exact numbers: for the tooltip, the line below the editor and the ear. */

import { formatExact, formatValue, hueOf } from "../../../paint/scale.ts";
import { dark } from "../../../paint/theme.ts";
import { tokenGlyphs } from "../../../paint/words.ts";
import { pinValues, unitValues } from "../../../panels/trace/wire.ts";
import type { Frame } from "../../../wire/frame.ts";
import type { UnitName } from "../../../wire/protocol.ts";
import { idsOf, labelsOf, textWindow, tokenCount } from "../../../wire/tokens.ts";

export type TokenReading = {
  token: number;
  glyphs: string;
  /** Its number in the vocabulary, where it is known. */
  id: number | null;
  special: boolean;
  unit: { name: UnitName; value: number } | null;
  pins: { name: UnitName; value: number }[];
};

/** null when the frame says nothing about the token. */
export function tokenReadingOf(frame: Frame | null, token: number | null): TokenReading | null {
  if (!frame || token === null) return null;
  const { head } = frame;
  const unit = unitValues(frame);
  const pins = pinValues(frame);
  const index = token - textWindow(frame).first;
  if (!(index >= 0 && index < tokenCount(frame))) return null;
  return {
    token,
    glyphs: tokenGlyphs(frame, token),
    id: idsOf(frame)?.[index] ?? null,
    special: Object.hasOwn(labelsOf(frame), index),
    unit: head.unit !== null && unit ? { name: head.unit, value: unit[index]! } : null,
    pins: head.pins.flatMap((name, pin) => {
      const value = pins[pin]?.[index];
      return value === undefined ? [] : [{ name, value }];
    }),
  };
}

/** «mlp.2:417 at token 12 “"”: 3.41» */
export function sayReading(reading: TokenReading): string {
  const token = `token ${reading.token} “${reading.glyphs}”`;
  if (!reading.unit) return token;
  return `${reading.unit.name} at ${token}: ${formatValue(reading.unit.value)}`;
}

/** `exact`: with all digits; else they are for whoever points at the value. */
export function ReadingWords({ reading, exact = false }: { reading: TokenReading; exact?: boolean }) {
  const say = (value: number) => (
    <b title={exact ? undefined : formatExact(value)}>{exact ? formatExact(value) : formatValue(value)}</b>
  );
  return (
    <>
      <span class="nw-reading-token">
        token {reading.token} <span class="nw-mono nw-reading-glyphs">{reading.glyphs}</span>
        {reading.special && " (special)"}
        {reading.id !== null && <span class="nw-soft" data-nw="id">{` id ${reading.id}`}</span>}
      </span>
      {reading.unit && (
        <span class="nw-reading-value">
          <span class="nw-mono">{reading.unit.name}</span> {say(reading.unit.value)}
        </span>
      )}
      {reading.pins.map(({ name, value }, pin) => (
        <span class="nw-reading-value" key={name}>
          <span class="nw-reading-hue" style={{ background: hueOf(pin, dark.value) }} aria-hidden="true" />
          <span class="nw-mono">{name}</span> {say(value)}
        </span>
      ))}
    </>
  );
}
