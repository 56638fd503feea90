/**
 * Panel of the overview, all layers × tokens: where in the model something happens. Each layer has a scale of its
 * own.
 */
import { useEffect, useMemo, useRef } from "preact/hooks";
import { fractions, itemAt } from "../../paint/region.ts";
import { formatValue, gradientOf } from "../../paint/scale.ts";
import { dark } from "../../paint/theme.ts";
import { ticksOf } from "../../paint/ticks.ts";
import type { Session } from "../../session/session.ts";
import { useSyncEffect } from "../../ui/hooks/sync-effect.ts";
import { RowAxis, RowMark, TokenAxis, TokenMarks } from "../../ui/plot/axes.tsx";
import type { Plot } from "../../ui/plot/plot.ts";
import type { Frame } from "../../wire/frame.ts";
import { tokenCount } from "../../wire/tokens.ts";
import { OrProblem } from "../panel-problem.tsx";
import { OverviewController, rowHeight } from "./overview-controller.ts";
import { sayOverview } from "./sentence.ts";

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
            Peak per layer; each row has its own scale{" "}
            <span class="nw-mini-ramp" style={{ background: ramp }} /> →
          </span>
        ) : (
          <span class="nw-sub">closed: the model runs only as deep as needed</span>
        )}
      </div>
      {open && (
        <OrProblem session={session} of="overview">
          <OverviewPicture session={session} plot={plot} />
          <Missing session={session} />
        </OrProblem>
      )}
    </section>
  );
}

/** Layers that this input does not reach, or in whose way something stood. */
function Missing({ session }: { session: Session }) {
  const missing = session.frame.value?.parts.overview?.missing ?? [];
  return missing.length === 0 ? null : (
    <p class="nw-panel-error" data-nw="overview-missing" role="status">
      Not on this input: {missing.join(", ")}.
    </p>
  );
}

function OverviewPicture({ session, plot }: { session: Session; plot: Plot }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const controller = useMemo(() => new OverviewController(session, plot), [session, plot]);
  const frame = session.frame.value;
  const sites = frame?.parts.overview?.sites ?? [];
  const count = sites.length || Math.max(1, session.catalog.value.sites.length);
  const each = rowHeight(count);
  const height = each * count;

  useSyncEffect(() => {
    const width = plot.width.value;
    session.need("overview", width > 0 ? { width } : null);
  });
  useEffect(() => () => session.need("overview", null), [session]);

  useEffect(() => controller.attach(canvas.current!), [controller]);

  const labelled = ticksOf([0, sites.length], height, 14);
  const labels = labelled.map(({ index, at }) => ({
    at,
    text: sites[index]!,
    strong: sites[index] === frame?.head.site,
  }));
  const ends = frame && tokenCount(frame) > 0 ? frame.parts.overview : null;
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
          onKeyDown={(event) => controller.key(event)}
          onBlur={() => controller.pointer.leave()}
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
