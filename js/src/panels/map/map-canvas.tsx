/** The picture of units × tokens itself: painting, pointing, zooming, keys. */
import { useEffect, useMemo, useRef } from "preact/hooks";
import { Painter } from "../../paint/canvas.ts";
import { byteAt, type Cell, cellAt, cellOf, rowsOfUnit, windowOf } from "../../paint/cells.ts";

import { fractions, type Range, reveal, unlessAll } from "../../paint/region.ts";
import { formatValue, tableFor, valueOfByte } from "../../paint/scale.ts";
import { sayMap } from "../../paint/sentence.ts";
import { dark } from "../../paint/theme.ts";
import { splitUnit, tokenGlyphs } from "../../paint/words.ts";
import type { Session } from "../../session/session.ts";
import { cellSteps, listenTo } from "../../ui/gestures.ts";
import { RowMark, TokenMarks } from "../../ui/plot/axes.tsx";
import { actionOf, type MapAction } from "../../ui/plot/picture-keys.ts";
import { type Plot, placeIn } from "../../ui/plot/plot.ts";
import { siteOf, unitOf, usePointer } from "../../ui/plot/pointing.ts";
import { useSyncEffect } from "../../ui/sync-effect.ts";
import type { Frame } from "../../wire/frame.ts";
import { panBy, resetZoom, zoomMap } from "./zoom.ts";

export function MapCanvas({ session, plot, height }: { session: Session; plot: Plot; height: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const painter = useMemo(() => new Painter(), []);
  const pointer = usePointer(session, plot, "map");
  const frame = session.frame.value;
  /** Where the keyboard's cell goes as soon as the reply reaches there. */
  const goal = useRef<[row: number, col: number] | null>(null);

  useSyncEffect(() => {
    const now = session.frame.value;
    const width = plot.width.value;
    const rows = plot.rows.value;
    const cols = plot.cols.value;
    const ground = dark.value;
    if (canvas.current === null || width <= 0) return;
    const map = now?.header.map;
    if (!now || !map || !now.map || !now.mapShape) {
      painter.paint(canvas.current, width, height, null);
      return;
    }
    const seen = windowOf(now, rows, cols);
    painter.paint(canvas.current, width, height, {
      bytes: now.map,
      shape: now.mapShape,
      table: tableFor(map.scale, ground),
      rows: map.rows,
      cols: map.cols,
      seenRows: seen.rows,
      seenCols: seen.cols,
    });
  });

  useEffect(() => {
    const stop = new AbortController();
    const stepX = cellSteps();
    const stepY = cellSteps();
    const at = (x: number, y: number): Cell | null => {
      const now = session.frame.peek();
      return now ? cellAt(now, windowOf(now, plot.rows.peek(), plot.cols.peek()), x, y) : null;
    };
    listenTo(
      canvas.current!,
      {
        point(x, y, event) {
          const corner = placeIn(canvas.current!);
          pointer.point(at(x, y), event.clientX - corner.left, event.clientY - corner.top, "pointer");
        },
        leave() {
          // What the keyboard points at stays when the pointer goes.
          if (plot.pointing.peek()?.by !== "keys") pointer.leave();
        },
        click(x, y) {
          const cell = at(x, y);
          if (cell) pointer.choose(cell);
        },
        pan(dx, dy, width, tall) {
          const now = session.frame.peek();
          if (now === null) return;
          const seen = windowOf(now, plot.rows.peek(), plot.cols.peek());
          const cols = stepX(-dx, width / (seen.cols[1] - seen.cols[0]));
          const rows = stepY(-dy, tall / (seen.rows[1] - seen.rows[0]));
          panBy(plot, seen, rows, cols);
        },
        zoom: (factor, x, y) => zoomMap(session, plot, height, factor, x, y),
      },
      stop.signal,
    );
    return () => stop.abort();
  }, [session, plot, height]);

  // Under a resting pointer, and at the keyboard's cell, a new picture has new values.
  useSyncEffect(() => {
    const now = session.frame.value;
    const pointed = plot.pointing.peek();
    if (now === null || canvas.current === null) return;
    if (goal.current !== null) step(now, ...goal.current);
    else if (pointed?.where === "map" && pointed.by === "keys") {
      step(now, pointed.cell.rows[0], pointed.cell.tokens[0] - now.header.window.first);
    } else if (pointed?.where === "map") {
      const corner = placeIn(canvas.current);
      const box = canvas.current.getBoundingClientRect();
      const seen = windowOf(now, plot.rows.peek(), plot.cols.peek());
      const x = (pointed.x + corner.left - box.left) / box.width;
      const y = (pointed.y + corner.top - box.top) / box.height;
      pointer.refresh(cellAt(now, seen, x, y), pointed.x, pointed.y, "pointer");
    }
  });

  const onKeyDown = (event: KeyboardEvent) => {
    const action = actionOf(event);
    if (action === null) return;
    event.preventDefault();
    // The notebook has its own meaning for arrows and Enter.
    event.stopPropagation();
    act(action);
  };

  function act(action: MapAction) {
    const now = session.frame.peek();
    if (now?.header.map == null || now.mapShape === null) return;
    const seen = windowOf(now, plot.rows.peek(), plot.cols.peek());
    if (seen.totalRows === 0 || seen.totalCols === 0) return;
    const pointed = plot.pointing.peek();
    const current = pointed?.where === "map" ? pointed.cell : null;
    switch (action.kind) {
      case "zoom": {
        const cell = current ?? cellOf(now, ...home(now, seen));
        const [x, y] = cell ? middleOf(cell, seen, now.header.window.first) : [0.5, 0.5];
        zoomMap(session, plot, height, action.factor, x, y);
        return;
      }
      case "reset":
        return resetZoom(plot);
      case "pan": {
        const rows = action.rows * Math.ceil((seen.rows[1] - seen.rows[0]) / 10);
        return panBy(plot, seen, rows, action.cols * Math.ceil((seen.cols[1] - seen.cols[0]) / 10));
      }
      case "away":
        goal.current = null;
        return pointer.leave();
      case "select":
        if (current) pointer.choose(current);
        return;
      case "pin": {
        if (current) pointer.pin(current);
        else if (session.unit.peek() !== null) session.togglePin(session.unit.peek()!);
        return;
      }
      default: {
        const first = now.header.window.first;
        if (current === null && goal.current === null) return step(now, ...home(now, seen));
        const rows: Range = goal.current ? [goal.current[0], goal.current[0] + 1] : current!.rows;
        const from = goal.current ? goal.current[1] : current!.tokens[0] - first;
        const wide = goal.current ? 1 : current!.tokens[1] - current!.tokens[0];
        if (action.kind === "edge") return step(now, rows[0], action.to === "start" ? 0 : seen.totalCols - 1);
        // A pooled cell is stepped over as a whole.
        step(now, rows[0] + action.rows * (rows[1] - rows[0]), from + action.cols * wide);
      }
    }
  }

  /** Where the keyboard's cell starts: at what is selected, if it can be seen. */
  function home(now: Frame, seen: Seen): [number, number] {
    const [site, index] = splitUnit(session.unit.peek() ?? ":");
    const rows = site === now.header.site ? rowsOfUnit(now, index, session.view.peek()) : null;
    const col = (plot.token.peek() ?? -1) - now.header.window.first;
    const inside = col >= seen.cols[0] && col < seen.cols[1];
    return [rows?.[0] ?? seen.rows[0], inside ? col : seen.cols[0]];
  }

  function step(now: Frame, toRow: number, toCol: number) {
    const seen = windowOf(now, plot.rows.peek(), plot.cols.peek());
    goal.current = null;
    if (seen.totalRows === 0 || seen.totalCols === 0) return pointer.leave();
    const row = Math.min(seen.totalRows - 1, Math.max(0, toRow));
    const col = Math.min(seen.totalCols - 1, Math.max(0, toCol));
    const rows = reveal(seen.rows, seen.totalRows, row);
    const cols = reveal(seen.cols, seen.totalCols, col);
    plot.rows.value = unlessAll(rows, seen.totalRows);
    plot.cols.value = unlessAll(cols, seen.totalCols);
    const cell = cellOf(now, row, col);
    if (cell === null || canvas.current === null) {
      goal.current = [row, col];
      return;
    }
    const corner = placeIn(canvas.current);
    const box = canvas.current.getBoundingClientRect();
    const [x, y] = middleOf(cell, { rows, cols }, now.header.window.first);
    pointer.refresh(
      cell,
      box.left - corner.left + x * box.width,
      box.top - corner.top + y * box.height,
      "keys",
    );
    const name = unitOf(now, "map", cell) ?? siteOf(now, "map", cell);
    const value = formatValue(valueOfByte(byteAt(now, cell), now.header.map!.scale));
    plot.announcement.value = `${name}, token ${cell.tokens[0]} ${tokenGlyphs(now, cell.tokens[0])}, about ${value}`;
  }

  const seen = frame ? windowOf(frame, plot.rows.value, plot.cols.value) : null;
  const pointed = plot.pointing.value;
  const unit = session.unit.value;
  const [site, index] = unit === null ? ["", -1] : splitUnit(unit);
  const unitRows = frame && site === frame.header.site ? rowsOfUnit(frame, index, session.view.value) : null;
  const old = frame !== null && frame.header.site !== session.site.value;
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
        onKeyDown={onKeyDown}
        onBlur={() => pointer.leave()}
      />
      {frame && seen && (
        <>
          {pointed?.where === "map" && (
            <CellMark cell={pointed.cell} seen={seen} first={frame.header.window.first} />
          )}
          {pointed?.where === "map" && (
            <RowMark kind="nw-mark-hover" range={pointed.cell.rows} outer={seen.rows} />
          )}
          {unitRows && <RowMark kind="nw-mark-row" range={unitRows} outer={seen.rows} />}
          <TokenMarks plot={plot} frame={frame} cols={seen.cols} />
        </>
      )}
    </div>
  );
}

type Seen = { rows: Range; cols: Range };

/** The cell that is read, where its row and column cross. */
function CellMark({ cell, seen, first }: { cell: Cell; seen: Seen; first: number }) {
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

function middleOf(cell: Cell, seen: Seen, first: number): [number, number] {
  const wide = seen.cols[1] - seen.cols[0];
  const tall = seen.rows[1] - seen.rows[0];
  const x = ((cell.tokens[0] + cell.tokens[1]) / 2 - first - seen.cols[0]) / wide;
  const y = ((cell.rows[0] + cell.rows[1]) / 2 - seen.rows[0]) / tall;
  return [Math.min(1, Math.max(0, x)), Math.min(1, Math.max(0, y))];
}
