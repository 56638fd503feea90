/** Panel of the map, units × tokens of one site: toolbar, legend, picture and axes. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Window } from "../../paint/cells.ts";
import { fractions, itemAt } from "../../paint/region.ts";
import { roomForAll, ticksOf } from "../../paint/ticks.ts";
import { plural, sayKind, splitUnit } from "../../paint/words.ts";
import { isLive, type Session } from "../../session/session.ts";
import { useSyncEffect } from "../../ui/hooks/sync-effect.ts";
import { Legend } from "../../ui/legend.tsx";
import { RowAxis, type RowLabel, TokenAxis } from "../../ui/plot/axes.tsx";
import type { Plot } from "../../ui/plot/plot.ts";
import type { Frame } from "../../wire/frame.ts";
import { textWindow, tokenCount } from "../../wire/tokens.ts";
import { OrProblem } from "../panel-problem.tsx";
import { windowOf } from "./cells.ts";
import { useFollow } from "./follow.ts";
import { MapCanvas } from "./map-canvas.tsx";
import { orderOf, Toolbar, ZoomButtons } from "./toolbar.tsx";
import { mapOf } from "./wire.ts";
import { zoomMap } from "./zoom.ts";
import "../../ui/plot/pictures.css";
import "../../ui/plot/tokens.css";
import "../panels.css";
import "./map.css";

/** At first low, so that all of an Explorer is in sight; a person can have more. */
const LOW = 150;
const TALL = 320;

/** Measures the width that all token axes share, and asks for what is seen. */
function useMap(session: Session, plot: Plot, heightOf: () => number) {
  const ruler = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const node = ruler.current!;
    const measure = () => {
      plot.width.value = Math.floor(node.getBoundingClientRect().width);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(node);
    return () => observer.disconnect();
  }, [plot]);
  useSyncEffect(() => {
    const width = plot.width.value;
    const height = heightOf();
    const rows = plot.rows.value;
    const cols = plot.cols.value;
    const units = session.catalog.value.sites.find(({ name }) => name === session.site.value)?.width;
    // A site without a size in the catalogue is cut to size by the kernel.
    const most = rows === null ? (units ?? height) : rows[1] - rows[0];
    const wide = cols === null ? width : Math.min(width, cols[1] - cols[0]);
    session.need("map", width > 0 ? { rows, cols, height: Math.min(height, most), width: wide } : null);
  });
  useEffect(() => () => session.need("map", null), [session]);
  // Rows of another site are other units: what was zoomed to means nothing there.
  const site = useRef(session.site.peek());
  useSyncEffect(() => {
    if (site.current === session.site.value) return;
    site.current = session.site.value;
    plot.rows.value = null;
  });
  return ruler;
}

/** `fixed`: a height that no person changes. */
export function Heatmap({ session, plot, fixed }: { session: Session; plot: Plot; fixed?: number }) {
  const tall = useSignal(false);
  const heightOf = () => fixed ?? (tall.value ? TALL : LOW);
  const height = heightOf();
  const ruler = useMap(session, plot, heightOf);
  useFollow(session, plot);
  const frame = session.frame.value;
  const map = frame?.parts.map;
  const seen = frame && map ? windowOf(frame, plot.rows.value, plot.cols.value) : null;
  const info = session.catalog.value.sites.find(({ name }) => name === session.site.value);
  const empty = frame !== null && tokenCount(frame) === 0;
  return (
    <section class="nw-section" aria-label="Heatmap of units by tokens">
      <div class="nw-section-head">
        <span class="nw-title">
          Units of <span class="nw-mono">{session.site.value}</span> × tokens
        </span>
        <span class="nw-sub" title={info ? `${info.canonical} in the model` : ""}>
          {seen ? sayRegion(seen, frame!) : ""}
          {info ? ` · ${sayKind(info)}` : ""}
        </span>
        <ZoomButtons session={session} plot={plot} height={height} />
        {fixed === undefined && (
          <button
            type="button"
            data-nw="map-tall"
            aria-pressed={tall.value}
            title="A higher picture, in which more units have a row of their own"
            onClick={() => {
              tall.value = !tall.value;
            }}
          >
            tall
          </button>
        )}
      </div>
      <Toolbar session={session} plot={plot} />
      <div class="nw-plot">
        <UnitAxis session={session} plot={plot} frame={frame} seen={seen} height={height} />
        <div ref={ruler} class="nw-stage">
          <MapCanvas session={session} plot={plot} height={height} />
          {(empty || !map) && (
            <div class="nw-over">
              <OrProblem session={session} of="map">
                <p class="nw-empty">{sayNothing(session, empty)}</p>
              </OrProblem>
            </div>
          )}
        </div>
        <div class="nw-row-ends" style={{ height: `${height}px` }}>
          {seen && <PositionBar seen={seen} height={height} />}
        </div>
        <div class="nw-axis-name">token</div>
        {frame && seen ? (
          <TokenAxis session={session} plot={plot} frame={frame} cols={seen.cols} />
        ) : (
          <div class="nw-token-axis" />
        )}
      </div>
      <div class="nw-under">
        <Legend session={session} of="map" scale={map?.scale} />
        <p class="nw-sub nw-hint">
          Click a cell to follow its unit. Ctrl + wheel zooms, drag pans; all keys under <kbd>?</kbd> above.
        </p>
      </div>
    </section>
  );
}

/** Why there is no picture. */
function sayNothing(session: Session, empty: boolean): string {
  if (empty) {
    const how = session.layout === "heatmap" ? "Set .input in Python" : "Type something";
    return `There are no tokens yet. ${how} and the units appear here.`;
  }
  return isLive(session)
    ? "Waiting for the model…"
    : "The saved picture holds no heatmap. Run the cell again to see one.";
}

function sayRegion(seen: Window, frame: Frame): string {
  const { rows, cols, totalRows, totalCols } = seen;
  const window = textWindow(frame);
  const units =
    rows[1] - rows[0] < totalRows
      ? `${rows[1] - rows[0]} of ${plural(totalRows, "unit")}`
      : plural(totalRows, "unit");
  const tokens =
    cols[1] - cols[0] < window.total
      ? `${cols[1] - cols[0]} of ${plural(window.total, "token")}`
      : plural(totalCols, "token");
  return `${units}, ${tokens}`;
}

type UnitAxisProps = {
  session: Session;
  plot: Plot;
  frame: Frame | null;
  seen: Window | null;
  height: number;
};

function UnitAxis({ session, plot, frame, seen, height }: UnitAxisProps) {
  if (frame === null || seen === null) return <div class="nw-row-axis" style={{ height: `${height}px` }} />;
  const [, , name, title] = orderOf(session);
  const choose = (fraction: number) => {
    const map = mapOf(frame)!;
    const row = itemAt(fraction, seen.rows);
    const bin = Math.floor(
      ((row - map.rows[0] + 0.5) * map.shape[0]) / Math.max(1, map.rows[1] - map.rows[0]),
    );
    const unit = map.units[bin];
    if (unit !== undefined) session.setUnit(`${frame.head.site}:${unit}`);
  };
  return (
    <div
      class="nw-unit-axis"
      // Over the numbers, the wheel zooms the units alone.
      onWheel={(event) => {
        if (!event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        const box = event.currentTarget.getBoundingClientRect();
        const y = box.height > 0 ? (event.clientY - box.top) / box.height : 0.5;
        zoomMap(session, plot, height, event.deltaY > 0 ? 1.25 : 0.8, 0.5, y, "rows");
      }}
    >
      <RowAxis
        labels={unitLabels(session, frame, seen, height)}
        height={height}
        name={name}
        title={`${title}. Click to follow a unit.`}
        choose={choose}
      />
    </div>
  );
}

/** Every unit's number where there is room; else round numbers, or places (№) when the order is another. */
function unitLabels(session: Session, frame: Frame, seen: Window, height: number): RowLabel[] {
  const map = mapOf(frame)!;
  const whole = map.shape[0] === map.rows[1] - map.rows[0];
  const [site, chosen] = splitUnit(session.unit.value ?? ":");
  const isChosen = (unit: number | undefined) => site === frame.head.site && unit === chosen;
  if (whole && roomForAll(seen.rows, height, 11)) {
    const each = height / (seen.rows[1] - seen.rows[0]);
    const labels: RowLabel[] = [];
    for (let row = Math.max(seen.rows[0], map.rows[0]); row < Math.min(seen.rows[1], map.rows[1]); row++) {
      const unit = map.units[row - map.rows[0]];
      const label = { at: (row - seen.rows[0] + 0.5) * each, text: String(unit ?? "") };
      labels.push(isChosen(unit) ? { ...label, strong: true } : label);
    }
    return labels;
  }
  const numbered = session.view.value.order === "index" && session.view.value.filter.trim() === "";
  return ticksOf(seen.rows, height, 26, numbered ? 0 : 1).map(({ index, at }) => ({
    at,
    text: numbered ? String(index) : `№ ${index + 1}`,
  }));
}

/** What part of all units is seen. */
function PositionBar({ seen, height }: { seen: Window; height: number }) {
  const [top, tall] = fractions(seen.rows, [0, seen.totalRows]);
  if (tall >= 1) return null;
  return (
    <div class="nw-position" title="The part of all units that is shown">
      <div style={{ top: `${top * height}px`, height: `${Math.max(4, tall * height)}px` }} />
    </div>
  );
}
