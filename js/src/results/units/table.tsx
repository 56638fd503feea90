/** Table of units: name, effect with its interval, q, further columns, and a pin where the view is linked. */
import { useState } from "preact/hooks";
import { useLinked } from "../../atlas/session/linked.ts";
import type { AtlasSession } from "../../atlas/session/session.ts";
import { formatValue } from "../../paint/scale.ts";
import { plural } from "../../paint/words.ts";
import { isLive } from "../../session/session.ts";
import { Called, sayUnit } from "../../ui/naming/unit-name.tsx";
import { PinButton } from "../../ui/pin.tsx";
import { moveFocus, stopAt } from "../../ui/roving-focus.ts";
import type { UnitName } from "../../wire/protocol.ts";
import type { UnitRow, UnitsInfo } from "../../wire/results/units.ts";
import { EffectBar, sayInterval, sayQ } from "./effect-bar.tsx";
import "./units.css";

type UnitsTableProps = {
  of: AtlasSession;
  info: UnitsInfo;
  chosen: UnitName | null;
  choose: (unit: UnitName) => void;
  /** So many rows at first; "show more" doubles them. */
  first?: number;
};

export function UnitsTable({ of, info, chosen, choose, first = 12 }: UnitsTableProps) {
  const [most, setMost] = useState(first);
  const linked = useLinked(of);
  const names = info.rows.map(({ unit }) => unit);
  const place = chosen === null ? -1 : names.indexOf(chosen);
  // The chosen one is in sight, however far down it stands.
  const rows = info.rows.slice(0, Math.max(most, place + 1));
  const stop = stopAt(names, chosen);
  const hasQ = info.rows.some(({ q }) => q !== null);
  const keys = (event: KeyboardEvent) => {
    const unit = (event.target as HTMLElement).closest<HTMLElement>("tr")?.dataset.unit;
    if (event.key === "p" && unit !== undefined && linked && isLive(of)) linked.togglePin(unit);
    else moveFocus(event);
  };
  if (rows.length === 0) return null;
  return (
    <div class="nw-units-table">
      <table class="nw-effects" data-nw="units" onKeyDown={keys}>
        <thead>
          <tr>
            <th scope="col">unit</th>
            <th scope="col" title={info.hint}>
              {info.effect}
            </th>
            {hasQ && (
              <th
                scope="col"
                title="q-value: the share of false discoveries among all units down to this one"
              >
                q
              </th>
            )}
            {info.columns.map(([name, hint]) => (
              <th key={name} scope="col" title={hint}>
                {name}
              </th>
            ))}
            {linked && <th scope="col" aria-label="pinned" />}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr
              key={row.unit}
              data-unit={row.unit}
              class={`${row.unit === chosen ? "nw-chosen" : ""}${row.found ? "" : " nw-not-found"}`}
            >
              <td>
                <button
                  type="button"
                  class="nw-link nw-mono"
                  data-nw="unit"
                  tabIndex={at === stop ? 0 : -1}
                  aria-pressed={row.unit === chosen}
                  aria-label={sayRow(row, info, sayUnit(of.labels.value, row.unit))}
                  onClick={() => choose(row.unit)}
                >
                  <Called labels={of.labels.value} unit={row.unit} />
                </button>
              </td>
              <td class="nw-unit-effect-cell" title={sayInterval(row, info)}>
                <EffectBar info={info} row={row} />
                <span class="nw-number">{sayInterval(row, info)}</span>
              </td>
              {hasQ && <td class="nw-number">{sayQ(row.q)}</td>}
              {row.cells.map((cell, i) => (
                <td key={info.columns[i]![0]} class={typeof cell === "number" ? "nw-number" : ""}>
                  {typeof cell === "number" ? formatValue(cell) : (cell ?? "–")}
                </td>
              ))}
              {linked && (
                <td>
                  <PinButton session={linked} unit={row.unit} tab={-1} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      <p class="nw-sub">
        {plural(rows.length, "unit")} of {info.total.toLocaleString("en")}
        {rows.length < info.rows.length && (
          <>
            {" "}
            <button
              type="button"
              class="nw-link"
              data-nw="more-units"
              onClick={() => setMost(2 * Math.max(most, rows.length))}
            >
              show more
            </button>
          </>
        )}
      </p>
    </div>
  );
}

/** A row for the ear. */
const sayRow = (row: UnitRow, info: UnitsInfo, name: string): string =>
  [
    name,
    `${info.effect} ${sayInterval(row, info)}`,
    row.q === null ? "" : `q ${sayQ(row.q)}`,
    row.found ? "" : "does not pass",
  ]
    .filter(Boolean)
    .join(", ");
