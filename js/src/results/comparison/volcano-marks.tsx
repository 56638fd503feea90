/** What lies over the picture of units: names, rings around the chosen and the pointed one, and its tooltip. */
import { useEffect } from "preact/hooks";
import { labelOf } from "../../session/labels.ts";
import { sayUnit } from "../../ui/naming/unit-name.tsx";
import type { Spot } from "../points/steps.ts";
import { sayEffect, sayInterval, sayQ } from "../units/effect-bar.tsx";
import type { ComparisonStore } from "./store.ts";

/** So many names are written into the picture, and so wide is a letter of theirs, in pixels. */
const NAMED = 8;
const LETTER = 6.5;

type Box = readonly [left: number, right: number, top: number, bottom: number];
const overlap = (a: Box, b: Box): boolean => a[0] < b[1] && b[0] < a[1] && a[2] < b[3] && b[2] < a[3];

/** Names of the units that pass, the best first, where they do not stand on each other. */
export function Names({ store, size: [width, height] }: { store: ComparisonStore; size: Spot }) {
  const points = store.points.value;
  const labels = store.of.labels.value;
  if (width === 0) return null;
  const taken: Box[] = [];
  const names = [];
  for (let i = 0; i < points.count && names.length < NAMED; i++) {
    if (points.mark(i) === 0) continue;
    const [x, y] = points.at(i);
    const unit = points.unit(i);
    const words = labelOf(labels, unit).words || unit;
    const before = x > 0.7;
    const long = Math.min(0.45 * width, LETTER * words.length + 16);
    const left = x * width - (before ? long : 0);
    const box: Box = [left, left + long, y * height - 8, y * height + 8];
    if (taken.some((other) => overlap(box, other))) continue;
    taken.push(box);
    const side = before ? { right: `${100 * (1 - x)}%` } : { left: `${100 * x}%` };
    names.push(
      <span key={`${unit} ${i}`} class="nw-volcano-name" style={{ ...side, top: `${100 * y}%` }}>
        {words}
      </span>,
    );
  }
  return <div aria-hidden="true">{names}</div>;
}

export function Ring({ store, at, kind }: { store: ComparisonStore; at: number | null; kind: string }) {
  if (at === null) return null;
  const [x, y] = store.points.value.at(at);
  return <span class={`nw-map-ring ${kind}`} style={{ left: `${100 * x}%`, top: `${100 * y}%` }} />;
}

/** The unit under pointer or keys, beside its point. */
export function Tip({ store, size: [width, height] }: { store: ComparisonStore; size: Spot }) {
  const at = store.pointed.value;
  const unit = at === null ? null : store.points.value.unit(at);
  const words = unit === null ? "" : sayUnit(store.of.labels.value, unit);
  const numbers = at === null ? "" : sayPoint(store, at);
  useEffect(() => {
    if (unit !== null) store.said.value = `${words}, ${numbers}`;
  }, [unit]);
  if (at === null || unit === null) return null;
  const [x, y] = store.points.value.at(at);
  return (
    <div
      class="nw-tooltip nw-volcano-tip"
      data-nw="volcano-tip"
      style={{
        ...(x < 0.5 ? { left: `${x * width + 12}px` } : { right: `${(1 - x) * width + 12}px` }),
        ...(y < 0.5 ? { top: `${y * height + 8}px` } : { bottom: `${(1 - y) * height + 8}px` }),
      }}
    >
      <b>{words}</b>
      <div>{numbers}</div>
    </div>
  );
}

/** Exact where the unit stands in the table, else as exact as the picture. */
function sayPoint(store: ComparisonStore, at: number): string {
  const { units, ends, top, groups } = store.info.value;
  const points = store.points.value;
  const unit = points.unit(at);
  const row = units.rows.find((one) => one.unit === unit);
  const mark = points.mark(at);
  const where = mark === 0 ? "does not pass" : `higher in ${groups[mark - 1]?.[0] ?? ""}`;
  if (row) return `${units.effect} ${sayInterval(row, units)}, q ${sayQ(row.q)}, ${where}`;
  const [x, y] = points.at(at);
  const effect = ends[0] + x * (ends[1] - ends[0]);
  return `${units.effect} ≈ ${sayEffect(effect, units)}, q ≈ ${sayQ(10 ** -(top * (1 - y) ** 2))}, ${where}`;
}
