/** An example of a blind test: a text, a picture or a row, with what is highlighted, shaded once it may be known. */
import { useMemo } from "preact/hooks";
import { shadeStyle } from "../../kinds/exemplars.ts";
import { shareOf } from "../../kinds/table/exemplar.tsx";
import { formatExact, formatValue } from "../../paint/scale.ts";
import { glyphs, visible } from "../../paint/words.ts";
import { bytesIn } from "../../panels/pattern/points.ts";
import { Bar } from "../../ui/bar.tsx";
import { ofRgb, Pixels } from "../../ui/pixels.tsx";
import type { BlindInfo, BlindItem } from "../../wire/results/blind.ts";

type ItemProps = { item: BlindItem; info: BlindInfo };

export function Item({ item, info }: ItemProps) {
  if (item.image) return <PictureItem item={item} image={item.image} />;
  if (item.cells) return <RowItem item={item} info={info} />;
  return <TextItem item={item} info={info} />;
}

/** Lines stay lines: where they end says much of a text. */
const shown = (piece: string) => (piece.includes("\n") ? `${visible(piece)}\n` : visible(piece));
/** A highlighted blank is seen as a sign. */
const highlighted = (piece: string) => (piece.includes("\n") ? shown(piece) : glyphs(piece));

function TextItem({ item: { pieces = [], marked, shades = [], peak }, info: { scale } }: ItemProps) {
  return (
    <span class="nw-mono nw-blind-text">
      {pieces.map((piece, i) => {
        const shade = shades[i];
        const style = shade === undefined ? undefined : shadeStyle(shade, scale, i === peak);
        const title = shade === undefined ? undefined : formatExact(shade);
        if (i !== marked)
          return (
            <span key={i} style={style} title={title} class={i === peak ? "nw-ex-peak" : undefined}>
              {shown(piece)}
            </span>
          );
        return (
          <mark key={i} style={style} title={title}>
            <span class="nw-said">, highlighted: </span>
            {highlighted(piece)}
            <span class="nw-said">, end of the highlight, </span>
          </mark>
        );
      })}
    </span>
  );
}

const percents = (share: number) => `${100 * share}%`;

function PictureItem({ item: { box }, image }: { item: BlindItem; image: NonNullable<BlindItem["image"]> }) {
  const rgba = useMemo(() => ofRgb(bytesIn(image.rgb)), [image]);
  const [left = 0, top = 0, width = 0, height = 0] = box ?? [];
  const place = `${top + height / 2 < 0.5 ? "upper" : "lower"} ${left + width / 2 < 0.5 ? "left" : "right"}`;
  return (
    <span
      class="nw-blind-picture"
      role="img"
      aria-label={box ? `A picture, a part at the ${place} framed` : "A picture"}
    >
      <Pixels rgba={rgba} width={image.width} height={image.height} />
      {box && (
        <span
          class="nw-blind-box"
          style={{
            left: percents(left),
            top: percents(top),
            width: percents(width),
            height: percents(height),
          }}
        />
      )}
    </span>
  );
}

function RowItem({ item: { cells = {}, column: marked }, info: { columns } }: ItemProps) {
  return (
    <span class="nw-blind-row">
      {columns.map((column) => {
        const cell = cells[column.name];
        const words = typeof cell === "number" ? formatExact(cell) : String(cell ?? "–");
        const ends = column.ends
          ? ` of ${formatValue(column.ends[0])} to ${formatValue(column.ends[1])}`
          : "";
        return (
          <span
            key={column.name}
            class={column.name === marked ? "nw-blind-cell nw-marked" : "nw-blind-cell"}
            title={`${column.name}: ${words}${ends}`}
          >
            <span class="nw-blind-name">
              {column.name === marked && <span class="nw-said">highlighted: </span>}
              {column.name}
            </span>
            <Bar share={shareOf(cell, column)} />
            <span class="nw-number">{typeof cell === "number" ? formatValue(cell) : words}</span>
          </span>
        );
      })}
    </span>
  );
}
