/** Faces of members: a picture, a row as bars, a text shaded by the unit that marks its pattern. */
import { useMemo } from "preact/hooks";
import { shadeStyle } from "../../kinds/exemplars.ts";
import { shareOf } from "../../kinds/table/exemplar.tsx";
import { formatExact } from "../../paint/scale.ts";
import { visible } from "../../paint/words.ts";
import { ofRgb, Pixels } from "../../ui/pixels.tsx";
import { registerFace } from "./registry.ts";
import type { Shown } from "./shown.ts";

type FaceProps = { shown: Shown };

function PictureFace({ shown: { image } }: FaceProps) {
  const rgba = useMemo(() => image && ofRgb(image.rgb), [image]);
  if (!image || !rgba) return <span class="nw-soft">no picture</span>;
  return <Pixels rgba={rgba} width={image.width} height={image.height} class="nw-member-picture" />;
}

/** Each column between its ends; words and what is no number stand in no bar. */
function RowFace({ shown: { row, answer } }: FaceProps) {
  const cells = row.cells ?? {};
  const say = (name: string) => {
    const cell = cells[name];
    return `${name} ${typeof cell === "number" ? formatExact(cell) : (cell ?? "–")}`;
  };
  return (
    <span
      class="nw-member-bars"
      role="img"
      aria-label={answer.columns.map(({ name }) => say(name)).join(", ")}
    >
      {answer.columns.map((column) => (
        <span key={column.name} title={say(column.name)}>
          <span style={{ height: `${100 * (shareOf(cells[column.name], column) ?? 0)}%` }} />
        </span>
      ))}
    </span>
  );
}

function TextFace({ shown: { row, answer, shades } }: FaceProps) {
  const { scale, unit } = answer;
  return (
    <span class="nw-mono nw-member-text">
      {row.pieces?.map((piece, i) => {
        const shade = shades[i];
        const shaded = scale !== null && shade !== undefined;
        return (
          <span
            key={i}
            style={shaded ? shadeStyle(shade, scale, false) : undefined}
            title={shaded ? `${unit} ${formatExact(shade)}` : undefined}
          >
            {visible(piece)}
          </span>
        );
      })}
    </span>
  );
}

registerFace("image", { Face: PictureFace, stand: "tiles" });
registerFace("table", { Face: RowFace, stand: "tiles" });
registerFace("text", { Face: TextFace, stand: "lines" });
