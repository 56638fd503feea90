/** The tokens of an exemplar, shaded by the unit. */

import { colourOf, formatExact, inkOn } from "../../../paint/scale.ts";
import { dark } from "../../../paint/theme.ts";
import { visible } from "../../../paint/words.ts";
import type { Scale } from "../../../wire/protocol.ts";
import { type Context, contextWindow } from "../store/context-window.ts";
import type { Exemplar } from "../store/listing.ts";

type TokensProps = {
  exemplar: Exemplar;
  scale: Scale;
  context: Context;
  /** Characters before the peak, which is in the same place in every line; null: the text runs over several lines. */
  lead: number | null;
};

export function Tokens({ exemplar, scale, context, lead }: TokensProps) {
  const { pieces, peak } = exemplar;
  const [first, last] = contextWindow(pieces.length, peak, context);
  const run = (from: number, to: number) => {
    const spans = [];
    for (let i = from; i < to; i++) spans.push(<Token key={i} exemplar={exemplar} scale={scale} index={i} />);
    return spans;
  };
  if (lead === null) return <span class="nw-ex-tokens nw-mono nw-ex-wrapped">{run(first, last)}</span>;
  return (
    <span class="nw-ex-tokens nw-mono nw-ex-aligned">
      <span class="nw-ex-before" style={{ flexBasis: `${lead}ch` }}>
        <span>{run(first, peak)}</span>
      </span>
      <span class="nw-ex-after">{run(peak, last)}</span>
    </span>
  );
}

function Token({ exemplar, scale, index }: { exemplar: Exemplar; scale: Scale; index: number }) {
  const { pieces, peak, shades, position, value } = exemplar;
  // A site that speaks of the whole input has one value, and it is not of a token.
  const shade = shades.length === pieces.length ? shades[index]! : Number.NaN;
  const isShaded = shades.length === pieces.length;
  const isPeak = index === peak && isShaded;
  const exact = isPeak && typeof value === "number" ? value : shade;
  const style = isShaded
    ? { background: colourOf(shade, scale, dark.value), color: inkOn(shade, scale, dark.value) }
    : undefined;
  const title = isShaded ? `token ${position - peak + index}: ${formatExact(exact)}` : undefined;
  return (
    <span class={isPeak ? "nw-ex-token nw-ex-peak" : "nw-ex-token"} style={style} title={title}>
      {visible(pieces[index]!)}
    </span>
  );
}
