/** Axes around the pictures: tokens below, units or layers at the left. All token axes share one width. */

import { fractions, itemAt, type Range } from "../../paint/region.ts";
import { ticksOf } from "../../paint/ticks.ts";
import { glyphs, shorten, tokenGlyphs, tokenText } from "../../paint/words.ts";
import type { Session } from "../../session/session.ts";
import type { Frame } from "../../wire/frame.ts";
import { textWindow } from "../../wire/tokens.ts";
import type { Plot } from "./plot.ts";

const CHARACTER = 7.2;

type TokenAxisProps = { session: Session; plot: Plot; frame: Frame; cols: Range };

/** Tokens as glyphs, as many as there is room for; the selected one always. */
export function TokenAxis({ session, plot, frame, cols }: TokenAxisProps) {
  const width = plot.width.value;
  const selected = plot.token.value;
  const choose = (event: MouseEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    if (cols[1] <= cols[0] || box.width <= 0) return;
    const index = itemAt((event.clientX - box.left) / box.width, cols);
    session.setToken(textWindow(frame).first + index);
  };
  const all = tokenLabels(frame, cols, width);
  const { first } = textWindow(frame);
  const pill =
    selected === null || all.some(({ index }) => index + first === selected)
      ? null
      : pillOf(frame, cols, width, selected);
  const labels = pill
    ? all.filter(({ at, text }) => Math.abs(at - pill.at) > pill.half + 2 + (lengthOf(text) * CHARACTER) / 2)
    : all;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the map beside it has the same by keyboard.
    // biome-ignore lint/a11y/noStaticElementInteractions: a convenience for the pointer only.
    <div class="nw-token-axis" onClick={choose} title="Tokens in reading order; click one to select it">
      {labels.map(({ index, at, text, small }) => (
        <span
          key={index}
          class={`nw-tick nw-glyph${small ? " nw-small" : ""}${selected === index + first ? " nw-here" : ""}`}
          style={{ transform: placed(at) }}
        >
          {text}
        </span>
      ))}
      {pill && (
        <span class="nw-tick nw-glyph nw-here nw-pill" style={{ transform: placed(pill.at) }}>
          {pill.text}
        </span>
      )}
    </div>
  );
}

/** With each key all labels move a little: a transform moves them without a layout of the page. */
const placed = (at: number) => `translateX(${at}px) translateX(-50%)`;

type Label = { index: number; at: number; text: string; small: boolean };

/** Characters of a token that are shown where there is not more room. */
const LONGEST = 6;
/** Pixels of a character in small print, and between labels that are not neighbours: together they would read as words. */
const NARROW = 5.6;
const APART = 14;

/** Tokens as glyphs: all of them, at need in small print, or those at every second, fifth, tenth … place. */
function tokenLabels(frame: Frame, cols: Range, width: number): Label[] {
  const { first } = textWindow(frame);
  const text = (index: number) => glyphs(tokenText(frame, first + index));
  let longest = 1;
  for (let index = cols[0]; index < cols[1]; index++) longest = Math.max(longest, lengthOf(text(index)));
  longest = Math.min(LONGEST, longest);
  const each = width / (cols[1] - cols[0]);
  const gap = each < longest * NARROW ? longest * CHARACTER + APART : 1;
  const letters = Math.max(LONGEST, Math.floor(each / CHARACTER));
  return ticksOf(cols, width, gap, first).map(({ index, at }) => ({
    index,
    at,
    text: shorten(text(index), letters),
    small: gap === 1 && each < longest * CHARACTER + 1,
  }));
}

const lengthOf = (text: string): number => Array.from(text).length;

type Pill = { at: number; half: number; text: string };

/** The selected token's glyph where there is no room for all of them, kept inside the axis. */
function pillOf(frame: Frame, cols: Range, width: number, token: number): Pill | null {
  const index = token - textWindow(frame).first;
  if (index < cols[0] || index >= cols[1] || width <= 0) return null;
  const [start, length] = fractions([index, index + 1], cols);
  const text = tokenGlyphs(frame, token, 10);
  const half = (lengthOf(text) * CHARACTER + 10) / 2;
  return { at: Math.min(width - half, Math.max(half, (start + length / 2) * width)), half, text };
}

/** Vertical lines for the selected token and the one pointed at, through every picture. */
export function TokenMarks({ plot, frame, cols }: { plot: Plot; frame: Frame; cols: Range }) {
  const first = textWindow(frame).first;
  const selected = plot.token.value;
  const pointed = plot.pointed.value;
  return (
    <>
      {pointed && <Mark kind="nw-mark-hover" range={[pointed[0] - first, pointed[1] - first]} outer={cols} />}
      {selected !== null && (
        <Mark kind="nw-mark-col" range={[selected - first, selected - first + 1]} outer={cols} />
      )}
    </>
  );
}

function Mark({ kind, range, outer }: { kind: string; range: Range; outer: Range }) {
  if (range[1] <= outer[0] || range[0] >= outer[1]) return null;
  const [left, width] = fractions(range, outer);
  return <div class={`nw-mark ${kind}`} style={{ left: `${100 * left}%`, width: `${100 * width}%` }} />;
}

/** A row of a picture, marked across all tokens. */
export function RowMark({ kind, range, outer }: { kind: string; range: Range; outer: Range }) {
  if (range[1] <= outer[0] || range[0] >= outer[1]) return null;
  const [top, height] = fractions(range, outer);
  return <div class={`nw-mark ${kind}`} style={{ top: `${100 * top}%`, height: `${100 * height}%` }} />;
}

export type RowLabel = { at: number; text: string; strong?: boolean };

/** Labels at the left of a picture of `height` pixels; clicking one chooses the row under the pointer. */
export function RowAxis({
  labels,
  height,
  title,
  name,
  choose,
}: {
  labels: RowLabel[];
  height: number;
  title: string;
  /** What the labels are, in a word or two, written upwards. */
  name?: string;
  choose: (fraction: number) => void;
}) {
  const click = (event: MouseEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    if (box.height > 0) choose((event.clientY - box.top) / box.height);
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the picture beside it has the same by keyboard.
    // biome-ignore lint/a11y/noStaticElementInteractions: a convenience for the pointer only.
    <div class="nw-row-axis" style={{ height: `${height}px` }} title={title} onClick={click}>
      {name && <span class="nw-row-name">{name}</span>}
      {labels.map(({ at, text, strong }) => (
        <span key={`${at} ${text}`} class={strong ? "nw-tick nw-here" : "nw-tick"} style={{ top: `${at}px` }}>
          {text}
        </span>
      ))}
    </div>
  );
}
