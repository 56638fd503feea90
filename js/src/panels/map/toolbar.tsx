/** Toolbar of the heatmap: order of units, which units, colours, zoom. */

import { formatExact } from "../../paint/scale.ts";
import { plural, splitUnit } from "../../paint/words.ts";
import { isLive, type Session } from "../../session/session.ts";
import { parseUnits } from "../../session/unit-filter.ts";
import { useDisclosure } from "../../ui/hooks/disclosure.ts";
import { useUniqueId } from "../../ui/hooks/unique-id.ts";
import type { Plot } from "../../ui/plot/plot.ts";
import type { Scale } from "../../wire/protocol.ts";
import type { Order } from "../../wire/shared.ts";
import { textWindow, tokenCount } from "../../wire/tokens.ts";
import { resetZoom, zoomMap } from "./zoom.ts";

/** Orders of units: what to sort by, how the axis calls it, and what it means. */
export const ORDERS: [order: Order, by: string, name: string, title: string][] = [
  ["index", "number", "unit number", "Units in the order of their numbers"],
  [
    "strength",
    "strength here",
    "strongest here first",
    "Units with the largest value in this text stand first",
  ],
  [
    "variation",
    "variation here",
    "most changing here first",
    "Units whose values change most over this text stand first",
  ],
  [
    "similarity",
    "similarity",
    "alike side by side",
    "Units that act alike in this text stand next to each other",
  ],
];

/** The one that is chosen. */
export const orderOf = (session: Session) =>
  ORDERS.find(([order]) => order === session.view.value.order) ?? ORDERS[0]!;

type ToolbarProps = { session: Session; plot: Plot; height: number };

export function Toolbar({ session, plot }: Omit<ToolbarProps, "height">) {
  const id = useUniqueId();
  const view = session.view.value;
  const live = isLive(session);
  return (
    <div class="nw-toolbar" role="toolbar" aria-label="Heatmap settings">
      <label class="nw-field" title={orderOf(session)[3]}>
        Sort by{" "}
        <select
          data-nw="order"
          disabled={!live}
          value={view.order}
          onChange={(event) => {
            plot.rows.value = null;
            session.setView({ order: event.currentTarget.value as Order });
          }}
        >
          {ORDERS.map(([name, words]) => (
            <option key={name} value={name}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <FilterField session={session} plot={plot} id={id} />
      <Settings session={session} />
    </div>
  );
}

/** What is set once, behind a button that says what is set. */
function Settings({ session }: { session: Session }) {
  const id = useUniqueId();
  const { open, toggle, around, onKeyDown } = useDisclosure(
    "input:not(:disabled), button[data-nw=pin-scale]",
  );
  const view = session.view.value;
  const live = isLive(session);
  const set = [
    view.mode === "log" && "logarithmic colours",
    session.site.value in view.pinned && "pinned colours",
    view.hold && view.order !== "index" && "held order",
  ].filter(Boolean);
  const words = `More settings of the map${set.length > 0 ? `: ${set.join(", ")}` : ""}`;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape closes from wherever the focus is inside.
    <div ref={around} class="nw-settings" onKeyDown={onKeyDown}>
      <button
        type="button"
        class={set.length > 0 ? "nw-icon nw-set" : "nw-icon"}
        data-nw="map-settings"
        aria-expanded={open}
        aria-controls={id}
        aria-label={words}
        title={words}
        onClick={toggle}
      >
        ⚙
      </button>
      {/* biome-ignore lint/a11y/useSemanticElements: a small box of settings, not a form. */}
      <div id={id} class="nw-settings-box" role="group" aria-label="More settings of the map" hidden={!open}>
        <label class="nw-field" title="Small values become visible beside large ones">
          <input
            type="checkbox"
            role="switch"
            aria-checked={view.mode === "log"}
            data-nw="log"
            checked={view.mode === "log"}
            disabled={!live}
            onChange={(event) => session.setView({ mode: event.currentTarget.checked ? "log" : "linear" })}
          />{" "}
          logarithmic colours
        </label>
        <PinScale session={session} />
        <label
          class={view.order === "index" ? "nw-field nw-off" : "nw-field"}
          title="The rows keep their present order while the text changes"
        >
          <input
            type="checkbox"
            data-nw="hold"
            checked={view.hold}
            disabled={!live || view.order === "index"}
            onChange={(event) => session.setView({ hold: event.currentTarget.checked })}
          />{" "}
          hold the order of the rows
        </label>
      </div>
    </div>
  );
}

export function ZoomButtons({ session, plot, height }: ToolbarProps) {
  return (
    <span class="nw-field nw-zoom">
      <ZoomButton
        label="Zoom out"
        hook="zoom-out"
        words="−"
        act={() => zoomMap(session, plot, height, 2, 0.5, 0.5)}
      />
      <ZoomButton label="Zoom in" hook="zoom-in" words="+" act={() => zoomIn(session, plot, height)} />
      <ZoomButton label="Show everything" hook="zoom-reset" words="all" act={() => resetZoom(plot)} />
    </span>
  );
}

/** Zooms towards the selected token; from the top where the strongest units come first. */
function zoomIn(session: Session, plot: Plot, height: number): void {
  const frame = session.frame.peek();
  if (frame === null) return;
  const tokens = tokenCount(frame);
  const cols = plot.cols.peek() ?? [0, tokens];
  const index = (plot.token.peek() ?? -1) - textWindow(frame).first;
  const inside = index >= cols[0] && index < cols[1];
  const x = inside ? (index + 0.5 - cols[0]) / Math.max(1, cols[1] - cols[0]) : 0.5;
  const { order } = session.view.peek();
  zoomMap(session, plot, height, 0.5, x, order === "strength" || order === "variation" ? 0 : 0.5);
}

function ZoomButton({
  label,
  hook,
  words,
  act,
}: {
  label: string;
  hook: string;
  words: string;
  act: () => void;
}) {
  return (
    <button type="button" class="nw-button" data-nw={hook} aria-label={label} title={label} onClick={act}>
      {words}
    </button>
  );
}

function FilterField({ session, plot, id }: { session: Session; plot: Plot; id: string }) {
  const view = session.view.value;
  const site = session.catalog.value.sites.find(({ name }) => name === session.site.value);
  const width = site?.width ?? Number.POSITIVE_INFINITY;
  const { units, problem } = parseUnits(view.filter, width);
  const [unitSite, unit] = splitUnit(session.unit.value ?? ":");
  const missing = units !== null && unitSite === site?.name && !units.includes(unit);
  const count =
    units === null
      ? Number.isFinite(width)
        ? `all ${width.toLocaleString("en")}`
        : "all"
      : `${plural(units.length, "unit")}${missing ? `, not ${unit}` : ""}`;
  return (
    <span class="nw-field nw-filter">
      <label for={id}>Only units</label>
      <input
        id={id}
        type="text"
        data-nw="filter"
        value={view.filter}
        placeholder="3, 17-20"
        size={11}
        spellcheck={false}
        autocomplete="off"
        disabled={!isLive(session)}
        aria-invalid={problem !== ""}
        aria-describedby={`${id}-said`}
        onInput={(event) => {
          plot.rows.value = null;
          session.setView({ filter: event.currentTarget.value });
        }}
      />
      <span
        id={`${id}-said`}
        class={problem === "" ? "nw-sub" : "nw-sub nw-problem"}
        role={problem === "" ? undefined : "alert"}
      >
        {problem === "" ? count : problem}
      </span>
    </span>
  );
}

/** Ends as the wire wants them: below zero they lie evenly around it. Null when they are no scale. */
function pinnedEnds(lo: number, hi: number, changed: "lo" | "hi"): [number, number] | null {
  if (!Number.isFinite(lo) || !Number.isFinite(hi)) return null;
  if (lo < 0) {
    const far = Math.abs(changed === "lo" ? lo : hi);
    return far > 0 ? [-far, far] : null;
  }
  return hi > lo ? [lo, hi] : null;
}

function PinScale({ session }: { session: Session }) {
  const view = session.view.value;
  const site = session.site.value;
  const ends = view.pinned[site] ?? null;
  const frame = session.frame.value;
  const scale: Scale | null = frame?.head.site === site ? (frame.parts.map?.scale ?? null) : null;
  const set = (to: [number, number] | null) => {
    const pinned = { ...view.pinned };
    if (to === null) delete pinned[site];
    else pinned[site] = to;
    session.setView({ pinned });
  };
  return (
    <span class="nw-field nw-pin-scale">
      <button
        type="button"
        class="nw-button"
        data-nw="pin-scale"
        aria-pressed={ends !== null}
        disabled={!isLive(session) || (ends === null && scale === null)}
        title={
          ends === null
            ? "Keep the ends of the colours as they are while the text changes"
            : "Let the ends of the colours follow the text again"
        }
        onClick={() => set(ends === null && scale !== null ? [scale.lo, scale.hi] : null)}
      >
        {ends === null ? "pin colours" : "colours pinned"}
      </button>
      {ends !== null &&
        (["lo", "hi"] as const).map((end, i) => (
          <input
            key={end}
            type="number"
            class="nw-end"
            step="any"
            data-nw={`pinned-${end}`}
            aria-label={end === "lo" ? "Lower end of the colours" : "Upper end of the colours"}
            value={formatExact(ends[i]!).replace("−", "-")}
            onChange={(event) => {
              const value = event.currentTarget.value === "" ? Number.NaN : Number(event.currentTarget.value);
              const to = end === "lo" ? pinnedEnds(value, ends[1], end) : pinnedEnds(ends[0], value, end);
              if (to !== null) set(to);
              else event.currentTarget.value = String(ends[i]);
            }}
          />
        ))}
    </span>
  );
}
