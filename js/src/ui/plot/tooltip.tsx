/**
 * Tooltip with the reading under the pointer or at the keyboard's cell. It lies inside the widget, never over its
 * edge.
 */

import { useLayoutEffect, useRef } from "preact/hooks";
import type { Cell } from "../../paint/cells.ts";
import { formatExact, formatValue } from "../../paint/scale.ts";
import { plural, tokenGlyphs } from "../../paint/words.ts";
import { isLive, type Session } from "../../session/session.ts";
import type { Frame } from "../../wire/frame.ts";
import type { ProbeAnswer } from "../../wire/protocol.ts";
import { numberOf } from "../../wire/values.ts";
import { Called } from "../naming/unit-name.tsx";
import type { Plot, PlotPicture } from "./plot.ts";
import { answers } from "./pointing.ts";

export type CellReading = {
  unit: string | null;
  token: number;
  value: string;
  /** False: only as exact as the colour. */
  exact: boolean;
  /** "strongest of 12 units × 3 tokens", or "". */
  pooled: string;
};

function cellReadingOf(
  frame: Frame,
  picture: PlotPicture,
  cell: Cell,
  probe: ProbeAnswer | null,
): CellReading {
  const answered = answers(probe, frame, picture, cell) ? probe : null;
  const units = answered?.units ?? picture.unitCount(cell);
  const tokens = answered?.tokens ?? cell.tokens[1] - cell.tokens[0];
  const pooled =
    units > 1 || tokens > 1 ? `strongest of ${plural(units, "unit")} × ${plural(tokens, "token")}` : "";
  if (answered) {
    const value = formatExact(numberOf(answered.value));
    return { unit: answered.unit, token: answered.token, value, exact: true, pooled };
  }
  const unit = pooled === "" ? picture.unitOf(frame, cell) : null;
  const token = cell.tokens[0];
  const exact = unit === null ? null : picture.exactValue(frame, unit, token);
  if (exact !== null) return { unit, token, value: formatExact(exact), exact: true, pooled };
  const value = picture.colourValue(frame, cell) ?? Number.NaN;
  return { unit, token, value: `≈ ${formatValue(value)}`, exact: false, pooled };
}

export function Tooltip({ session, plot }: { session: Session; plot: Plot }) {
  const box = useRef<HTMLDivElement>(null);
  const pointing = plot.pointing.value;
  const frame = session.frame.value;
  const shown =
    pointing !== null && frame !== null && pointing.picture.colourValue(frame, pointing.cell) !== null;

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
  const { picture, cell } = pointing;
  const reading = cellReadingOf(frame, picture, cell, session.probe.value);
  const name = reading.unit ?? picture.siteOf(frame, cell);
  return (
    <div ref={box} class="nw-tooltip" role="tooltip" data-nw="tooltip">
      <div class="nw-tooltip-value">{reading.value}</div>
      <div>
        <span class="nw-mono">
          <Called labels={session.labels.value} unit={name} />
        </span>{" "}
        at token {reading.token} <span class="nw-mono nw-token">{tokenGlyphs(frame, reading.token)}</span>
      </div>
      {reading.pooled !== "" && <div class="nw-soft">{reading.pooled}</div>}
      <div class="nw-soft">{hintFor(picture, pointing.by, isLive(session))}</div>
    </div>
  );
}

function hintFor({ act }: PlotPicture, by: "pointer" | "keys", live: boolean): string {
  if (!live) return "as exact as the colour: no kernel to ask";
  return `${by === "keys" ? "Enter" : "Click"}: ${act}`;
}
