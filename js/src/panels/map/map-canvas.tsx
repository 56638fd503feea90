/** The picture of units × tokens itself, with its marks. */
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Cell } from "../../paint/cells.ts";
import { fractions, type Range } from "../../paint/region.ts";
import { splitUnit } from "../../paint/words.ts";
import type { Session } from "../../session/session.ts";
import { RowMark, TokenMarks } from "../../ui/plot/axes.tsx";
import type { Plot } from "../../ui/plot/plot.ts";
import { textWindow } from "../../wire/tokens.ts";
import { MAP_PICTURE, rowsOfUnit, windowOf } from "./cells.ts";
import { MapController } from "./map-controller.ts";
import { sayMap } from "./sentence.ts";

export function MapCanvas({ session, plot, height }: { session: Session; plot: Plot; height: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const controller = useMemo(() => new MapController(session, plot, height), [session, plot, height]);
  useEffect(() => controller.attach(canvas.current!), [controller]);
  const frame = session.frame.value;
  const seen = frame ? windowOf(frame, plot.rows.value, plot.cols.value) : null;
  const pointed = plot.pointing.value;
  const unit = session.unit.value;
  const [site, index] = unit === null ? ["", -1] : splitUnit(unit);
  const unitRows = frame && site === frame.head.site ? rowsOfUnit(frame, index, session.view.value) : null;
  const old = frame !== null && frame.head.site !== session.site.value;
  return (
    <div class={old ? "nw-picture nw-old" : "nw-picture"} style={{ height: `${height}px` }}>
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: one focusable picture with its own keys. */}
      <canvas
        ref={canvas}
        class="nw-canvas"
        style={{ height: `${height}px` }}
        data-nw="map"
        tabIndex={0}
        role="application"
        aria-roledescription="heatmap"
        aria-label={`${sayMap(frame)} Arrow keys move, Enter selects, plus and minus zoom.`}
        onKeyDown={(event) => controller.key(event)}
        onBlur={() => controller.pointer.leave()}
      />
      {frame && seen && (
        <>
          {pointed?.picture === MAP_PICTURE && (
            <CellMark cell={pointed.cell} seen={seen} first={textWindow(frame).first} />
          )}
          {pointed?.picture === MAP_PICTURE && (
            <RowMark kind="nw-mark-hover" range={pointed.cell.rows} outer={seen.rows} />
          )}
          {unitRows && <RowMark kind="nw-mark-row" range={unitRows} outer={seen.rows} />}
          <TokenMarks plot={plot} frame={frame} cols={seen.cols} />
        </>
      )}
    </div>
  );
}

/** The cell that is read, where its row and column cross. */
function CellMark({ cell, seen, first }: { cell: Cell; seen: { rows: Range; cols: Range }; first: number }) {
  const [left, width] = fractions([cell.tokens[0] - first, cell.tokens[1] - first], seen.cols);
  const [top, height] = fractions(cell.rows, seen.rows);
  if (left < 0 || left >= 1 || top < 0 || top >= 1) return null;
  const place = {
    left: `${100 * left}%`,
    width: `${100 * width}%`,
    top: `${100 * top}%`,
    height: `${100 * height}%`,
  };
  return <div class="nw-mark nw-mark-cell" style={place} />;
}
