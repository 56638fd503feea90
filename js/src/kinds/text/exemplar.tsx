/** Exemplars of a text: the tokens, shaded by the unit. */

import { formatExact } from "../../paint/scale.ts";
import { plural, visible } from "../../paint/words.ts";
import type { Scale } from "../../wire/protocol.ts";
import type { Context } from "../../wire/shared.ts";
import { type Exemplar, type ItemFaceProps, type Listing, type Look, shadeStyle } from "../exemplars.ts";
import type { Kind } from "../registry.ts";
import { contextWindow, leadFor, lengthOf, linesFor, startFor } from "./context-window.ts";
import { TEXT_WORDS } from "./input.ts";

/** CSS pixels of a monospace character of the list, about; and of what stands beside the text, less in a narrow list. */
const CHARACTER = 7.3;
const BESIDE = 274;
const NARROW = 505;
const BESIDE_NARROW = 158;

function Tokens({ exemplar, listing: { scale }, context, lead, room = 0 }: ItemFaceProps) {
  const { pieces, peak, around } = exemplar;
  const [first, last] = contextWindow(pieces.length, peak, context);
  const run = (from: number, to: number) => {
    const spans = [];
    for (let i = from; i < to; i++) spans.push(<Token key={i} exemplar={exemplar} scale={scale} index={i} />);
    return spans;
  };
  if (lead === null) {
    const from = startFor(pieces, first, peak, room / 2);
    return <span class="nw-ex-tokens nw-mono nw-ex-wrapped">{run(from, last)}</span>;
  }
  // A person who asked for some tokens gets those; else the row is filled with what stands around them.
  const [before, behind] = context === "full" ? around : ["", ""];
  return (
    <span class="nw-ex-tokens nw-mono nw-ex-aligned">
      <span class="nw-ex-before" style={{ flexBasis: `${lead}ch` }}>
        <span>
          <Around text={before.slice(-lead)} />
          {run(first, peak)}
        </span>
      </span>
      <span class="nw-ex-after">
        {run(peak, last)}
        <Around text={behind.slice(0, room)} />
      </span>
    </span>
  );
}

/** Text of the document of which no values are kept. */
const Around = ({ text }: { text: string }) =>
  text === "" ? null : <span class="nw-ex-around">{visible(text)}</span>;

function Token({ exemplar, scale, index }: { exemplar: Exemplar; scale: Scale; index: number }) {
  const { pieces, peak, shades, position, value } = exemplar;
  // A site that speaks of the whole input has one value, and it is not of a token.
  const shade = shades.length === pieces.length ? shades[index]! : Number.NaN;
  const isShaded = shades.length === pieces.length;
  const isPeak = index === peak && isShaded;
  const exact = isPeak && typeof value === "number" ? value : shade;
  const style = isShaded ? shadeStyle(shade, scale, isPeak) : undefined;
  const at = position === null ? "" : `token ${position - peak + index}: `;
  const title = isShaded ? at + formatExact(exact) : undefined;
  return (
    <span class={isPeak ? "nw-ex-token nw-ex-peak" : "nw-ex-token"} style={style} title={title}>
      {visible(pieces[index]!)}
    </span>
  );
}

function lookOf(listing: Listing, context: Context, width: number): Look {
  let [before, after, longest, lead, rest] = [0, 0, 0, 0, 0];
  for (const row of listing.rows) {
    if (!row) continue;
    const [first, last] = contextWindow(row.pieces.length, row.peak, context);
    const [head, tail] = [lengthOf(row.pieces, first, row.peak), lengthOf(row.pieces, row.peak, last)];
    before = Math.max(before, head);
    after = Math.max(after, tail);
    longest = Math.max(longest, head + tail);
    lead = Math.max(lead, head + row.around[0].length);
    rest = Math.max(rest, tail + row.around[1].length);
  }
  const wide = width - (width < NARROW ? BESIDE_NARROW : BESIDE);
  const room = Math.max(0, Math.floor(wide / CHARACTER));
  if (context !== "full") return { sizes: { line: 30, perLine: 1 }, lead: before, room };
  const lines = linesFor(longest, wide, CHARACTER);
  if (lines > 1) return { sizes: { line: 10 + 20 * lines, perLine: 1 }, lead: null, room: lines * room };
  const aligned = width > 0 ? leadFor(room, [before, after], [lead, rest]) : before;
  return { sizes: { line: 30, perLine: 1 }, lead: aligned, room };
}

export const TEXT_EXEMPLARS: Kind = {
  name: "text",
  words: TEXT_WORDS,
  exemplars: {
    Item: Tokens,
    look: lookOf,
    openHeight: 260,
    hasContext: true,
    place: ({ position }) =>
      position === null
        ? null
        : [`@${position}`, `Token ${position} of the document`, `token ${position.toLocaleString("en")}`],
    sayUse({ pieces }) {
      const amount = pieces.length === 1 ? "this one token" : `these ${pieces.length} tokens`;
      return `Put ${amount} in the editor; open the document to put all of it there`;
    },
    use({ pieces, peak }, live) {
      live.setText(pieces.join(""), pieces.slice(0, peak + 1).join("").length);
      return `In the editor now: ${plural(pieces.length, "token")} of the document.`;
    },
    sayAmount: (tokens) => `, ${tokens.toLocaleString("en")} tokens`,
  },
};
