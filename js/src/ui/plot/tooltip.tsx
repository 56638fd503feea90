/**
 * Tooltip with the reading under the pointer or at the keyboard's cell. It lies inside the widget, never over its
 * edge.
 */
import { useLayoutEffect, useRef } from "preact/hooks";
import { byteAt, type Cell, exactValue } from "../../paint/cells.ts";
import { formatExact, formatValue, valueOfByte } from "../../paint/scale.ts";
import { plural, tokenGlyphs } from "../../paint/words.ts";
import { isLive, type Session } from "../../session/session.ts";
import type { Frame } from "../../wire/frame.ts";
import type { ProbeAnswer } from "../../wire/protocol.ts";
import type { Plot } from "./plot.ts";
import { answers, siteOf, unitOf } from "./pointing.ts";

export type CellReading = {
  unit: string | null;
  token: number;
  value: string;
  /** False: only as exact as the colour. */
  exact: boolean;
  /** "strongest of 12 units × 3 tokens", or "". */
  pooled: string;
};

export function numberOf(probe: ProbeAnswer): number {
  if (probe.value === "nan") return Number.NaN;
  if (probe.value === "inf") return Number.POSITIVE_INFINITY;
  if (probe.value === "-inf") return Number.NEGATIVE_INFINITY;
  return probe.value;
}

export function cellReadingOf(
  frame: Frame,
  where: "map" | "overview",
  cell: Cell,
  probe: ProbeAnswer | null,
): CellReading {
  const answered = answers(probe, frame, where, cell) ? probe : null;
  const units = answered?.units ?? (where === "map" ? cell.rows[1] - cell.rows[0] : 0);
  const tokens = answered?.tokens ?? cell.tokens[1] - cell.tokens[0];
  const pooled =
    units > 1 || tokens > 1 ? `strongest of ${plural(units, "unit")} × ${plural(tokens, "token")}` : "";
  if (answered) {
    const value = formatExact(numberOf(answered));
    return { unit: answered.unit, token: answered.token, value, exact: true, pooled };
  }
  const unit = unitOf(frame, where, cell);
  const token = cell.tokens[0];
  const exact = unit !== null && pooled === "" ? exactValue(frame, unit, token) : null;
  if (exact !== null) return { unit, token, value: formatExact(exact), exact: true, pooled };
  const scale =
    where === "map"
      ? frame.header.map!.scale
      : {
          ...frame.header.map?.scale,
          lo: frame.header.overview!.lows[cell.row]!,
          hi: frame.header.overview!.highs[cell.row]!,
          signed: false,
        };
  const byte = where === "map" ? byteAt(frame, cell) : overviewByte(frame, cell);
  const value = valueOfByte(byte, { mode: "linear", knee: 1, pinned: false, ...scale });
  return { unit: pooled === "" ? unit : null, token, value: `≈ ${formatValue(value)}`, exact: false, pooled };
}

function overviewByte(frame: Frame, cell: Cell): number {
  return frame.overview?.[cell.row * (frame.overviewShape?.[1] ?? 0) + cell.col] ?? 0;
}

export function Tooltip({ session, plot }: { session: Session; plot: Plot }) {
  const box = useRef<HTMLDivElement>(null);
  const pointing = plot.pointing.value;
  const frame = session.frame.value;
  const shown =
    pointing !== null && frame !== null && (pointing.where === "map" ? frame.map : frame.overview) !== null;

  // After every change of words the box has another size.
  useLayoutEffect(() => {
    const node = box.current;
    const anchor = node?.closest(".nw-root");
    if (!node || !anchor || pointing === null) return;
    const gap = 14;
    const left =
      pointing.x + gap + node.offsetWidth <= anchor.clientWidth
        ? pointing.x + gap
        : pointing.x - gap - node.offsetWidth;
    const below = pointing.y + gap + node.offsetHeight <= anchor.clientHeight;
    node.style.left = `${Math.max(0, Math.min(left, anchor.clientWidth - node.offsetWidth))}px`;
    node.style.top = `${Math.max(0, below ? pointing.y + gap : pointing.y - gap - node.offsetHeight)}px`;
  });

  if (!shown) return null;
  const { where, cell } = pointing;
  const reading = cellReadingOf(frame, where, cell, session.probe.value);
  const name = reading.unit ?? siteOf(frame, where, cell);
  return (
    <div ref={box} class="nw-tooltip" role="tooltip" data-nw="tooltip">
      <div class="nw-tooltip-value">{reading.value}</div>
      <div>
        <span class="nw-mono">{name}</span> at token {reading.token}{" "}
        <span class="nw-mono nw-token">{tokenGlyphs(frame, reading.token)}</span>
      </div>
      {reading.pooled !== "" && <div class="nw-soft">{reading.pooled}</div>}
      <div class="nw-soft">{hintFor(where, pointing.by, isLive(session))}</div>
    </div>
  );
}

function hintFor(where: "map" | "overview", by: "pointer" | "keys", live: boolean): string {
  if (!live) return "as exact as the colour: no kernel to ask";
  const verb = by === "keys" ? "Enter" : "Click";
  return where === "map" ? `${verb}: follow this unit` : `${verb}: look into this layer`;
}
