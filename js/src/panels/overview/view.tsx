/** All layers × tokens at a glance: where in the model something happens. Each layer is coloured on its own scale. */
import { useEffect, useMemo, useRef } from "preact/hooks";
import { Painter } from "../../paint/canvas.ts";
import { type Cell, overviewCellAt } from "../../paint/cells.ts";
import { fractions, itemAt, type Range } from "../../paint/region.ts";
import { formatValue, gradientOf, tableFor } from "../../paint/scale.ts";
import { sayOverview } from "../../paint/sentence.ts";
import { dark } from "../../paint/theme.ts";
import { ticksOf } from "../../paint/ticks.ts";
import { tokenCount, tokenGlyphs } from "../../paint/words.ts";
import type { Session } from "../../session/session.ts";
import { listenTo } from "../../ui/gestures.ts";
import { RowAxis, RowMark, TokenAxis, TokenMarks } from "../../ui/plot/axes.tsx";
import { actionOf } from "../../ui/plot/picture-keys.ts";
import { type Plot, placeIn } from "../../ui/plot/plot.ts";
import { usePointer } from "../../ui/plot/pointing.ts";
import { useSyncEffect } from "../../ui/sync-effect.ts";
import type { Frame } from "../../wire/frame.ts";

export function Overview({ session, plot }: { session: Session; plot: Plot }) {
  const open = session.view.value.overview;
  const ramp = gradientOf({ signed: false }, dark.value);
  return (
    <section class="nw-section" aria-label="Overview of layers by tokens">
      <div class="nw-section-head">
        <button
          type="button"
          class="nw-fold"
          aria-expanded={open}
          title={
            open
              ? "Hide: the model then runs only as deep as the layer you look at"
              : "Show all layers at once"
          }
          onClick={() => session.setView({ overview: !open })}
        >
          <span class="nw-chevron" aria-hidden="true">
            {open ? "▾" : "▸"}
          </span>
          <span class="nw-title">All layers × tokens</span>
        </button>
        {open ? (
          <span class="nw-sub nw-overview-scale">
            strongest unit of each layer: colours <span class="nw-mini-ramp" style={{ background: ramp }} />{" "}
            run between the ends at its right
          </span>
        ) : (
          <span class="nw-sub">closed: the model runs only as deep as needed</span>
        )}
      </div>
      {open && <OverviewPicture session={session} plot={plot} />}
    </section>
  );
}

/** The fewest and the most pixels a layer gets, and all layers together. */
const ROW = { least: 3, most: 20, all: 150 };

function rowHeight(count: number): number {
  return Math.max(ROW.least, Math.min(ROW.most, Math.floor(ROW.all / Math.max(1, count))));
}

function OverviewPicture({ session, plot }: { session: Session; plot: Plot }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const painter = useMemo(() => new Painter(), []);
  const pointer = usePointer(session, plot, "overview");
  const frame = session.frame.value;
  const sites = frame?.header.overview?.sites ?? [];
  const count = sites.length || Math.max(1, session.catalog.value.sites.length);
  const each = rowHeight(count);
  const height = each * count;

  useSyncEffect(() => {
    const width = plot.width.value;
    session.need("overview", width > 0 ? { width } : null);
  });
  useEffect(() => () => session.need("overview", null), [session]);

  useSyncEffect(() => {
    const now = session.frame.value;
    const width = plot.width.value;
    const table = tableFor({ signed: false }, dark.value);
    if (canvas.current === null || width <= 0) return;
    const shape = now?.overviewShape ?? null;
    const whole: Range = [0, 1];
    const region = { rows: whole, cols: whole, seenRows: whole, seenCols: whole };
    const picture = now?.overview && shape ? { bytes: now.overview, shape, table, ...region } : null;
    painter.paint(canvas.current, width, rowHeight(shape?.[0] ?? 1) * (shape?.[0] ?? 1), picture);
  });

  useEffect(() => {
    const stop = new AbortController();
    const cellAt = (x: number, y: number): Cell | null => {
      const now = session.frame.peek();
      return now ? overviewCellAt(now, x, y) : null;
    };
    listenTo(
      canvas.current!,
      {
        point(x, y, event) {
          const corner = placeIn(canvas.current!);
          pointer.point(cellAt(x, y), event.clientX - corner.left, event.clientY - corner.top, "pointer");
        },
        leave() {
          // What the keyboard points at stays when the pointer goes.
          if (plot.pointing.peek()?.by !== "keys") pointer.leave();
        },
        click(x, y) {
          const cell = cellAt(x, y);
          if (cell) pointer.choose(cell);
        },
        pan() {},
        zoom() {},
      },
      stop.signal,
    );
    return () => stop.abort();
  }, [session, plot]);

  // Under a resting pointer a new picture has new values.
  useSyncEffect(() => {
    const now = session.frame.value;
    const pointed = plot.pointing.peek();
    if (now === null || pointed?.where !== "overview" || canvas.current === null) return;
    const corner = placeIn(canvas.current);
    const box = canvas.current.getBoundingClientRect();
    const x = (pointed.x + corner.left - box.left) / box.width;
    const y = (pointed.y + corner.top - box.top) / box.height;
    pointer.refresh(overviewCellAt(now, x, y), pointed.x, pointed.y, pointed.by);
  });

  const onKeyDown = (event: KeyboardEvent) => {
    const action = actionOf(event);
    const now = session.frame.peek();
    if (action === null || now?.overviewShape == null) return;
    if (action.kind === "zoom" || action.kind === "reset" || action.kind === "pan") return;
    event.preventDefault();
    event.stopPropagation();
    const tokens = tokenCount(now);
    const [rows, cols] = now.overviewShape;
    if (tokens === 0) return;
    const pointed = plot.pointing.peek();
    const at = pointed?.where === "overview" ? pointed.cell : startCell(session, plot, now);
    if (action.kind === "away") return pointer.leave();
    if (action.kind === "select" && at) return pointer.choose(at);
    if (action.kind === "pin" && at) return pointer.pin(at);
    let row = at?.row ?? 0;
    let col = at?.col ?? 0;
    if (action.kind === "move" && pointed?.where === "overview") {
      row += Math.sign(action.rows);
      col += action.cols;
    } else if (action.kind === "edge") col = action.to === "start" ? 0 : cols - 1;
    row = Math.min(rows - 1, Math.max(0, row));
    col = Math.min(cols - 1, Math.max(0, col));
    const cell = overviewCellAt(now, (col + 0.5) / cols, (row + 0.5) / rows);
    if (cell === null) return;
    const corner = placeIn(canvas.current!);
    const box = canvas.current!.getBoundingClientRect();
    const x = box.left - corner.left + ((col + 0.5) / cols) * box.width;
    const y = box.top - corner.top + ((row + 0.5) / rows) * box.height;
    pointer.point(cell, x, y, "keys");
    const site = now.header.overview?.sites[cell.row] ?? "";
    plot.announcement.value = `${site}, token ${cell.tokens[0]} ${tokenGlyphs(now, cell.tokens[0])}`;
  };

  const labelled = ticksOf([0, sites.length], height, 14);
  const labels = labelled.map(({ index, at }) => ({
    at,
    text: sites[index]!,
    strong: sites[index] === frame?.header.site,
  }));
  const ends = frame && tokenCount(frame) > 0 ? frame.header.overview : null;
  const all: [number, number] = [0, frame ? tokenCount(frame) : 0];
  const chosen = sites.indexOf(session.site.value);
  return (
    <div class="nw-plot">
      <RowAxis
        labels={labels}
        height={height}
        title="Layers; click one to look into it"
        choose={(fraction) => {
          const site = sites[itemAt(fraction, [0, sites.length])];
          if (site) session.setSite(site);
        }}
      />
      <div class="nw-picture" style={{ height: `${height}px` }}>
        {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: one focusable picture with its own keys. */}
        <canvas
          ref={canvas}
          class="nw-canvas"
          style={{ height: `${height}px` }}
          data-nw="overview"
          tabIndex={0}
          role="application"
          aria-roledescription="overview map"
          aria-label={`${sayOverview(frame)} Arrow keys move, Enter looks into the layer.`}
          onKeyDown={onKeyDown}
          onBlur={() => pointer.leave()}
        />
        {frame && (
          <>
            <ZoomedPart frame={frame} plot={plot} />
            {chosen >= 0 && (
              <RowMark kind="nw-mark-row" range={[chosen, chosen + 1]} outer={[0, sites.length]} />
            )}
            <TokenMarks plot={plot} frame={frame} cols={all} />
          </>
        )}
      </div>
      <div class="nw-row-ends" style={{ height: `${height}px` }}>
        {labelled.map(({ index, at }) => (
          <span
            key={sites[index]}
            class="nw-tick"
            style={{ top: `${at}px` }}
            title={`Where the colours of ${sites[index]} begin and end`}
          >
            {ends ? `${formatValue(ends.lows[index]!)}–${formatValue(ends.highs[index]!)}` : ""}
          </span>
        ))}
      </div>
      <div class="nw-axis-name">token</div>
      {frame && <TokenAxis session={session} plot={plot} frame={frame} cols={all} />}
    </div>
  );
}

/** The tokens the heatmap is zoomed to. */
function ZoomedPart({ frame, plot }: { frame: Frame; plot: Plot }) {
  const cols = plot.cols.value;
  if (cols === null) return null;
  const [left, width] = fractions(cols, [0, tokenCount(frame)]);
  return <div class="nw-mark nw-mark-zoom" style={{ left: `${100 * left}%`, width: `${100 * width}%` }} />;
}

function startCell(session: Session, plot: Plot, frame: Frame): Cell | null {
  const rows = frame.overviewShape?.[0] ?? 0;
  const row = Math.max(0, frame.header.overview?.sites.indexOf(session.site.peek()) ?? 0);
  const tokens = tokenCount(frame);
  const index = (plot.token.peek() ?? frame.header.window.first) - frame.header.window.first;
  return rows > 0 && tokens > 0 ? overviewCellAt(frame, (index + 0.5) / tokens, (row + 0.5) / rows) : null;
}
