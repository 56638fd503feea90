/** Table of units that fit, whose rows move the selection, with a sentence about what is listed. */

import { formatValue } from "../../paint/scale.ts";
import { percent } from "../../paint/words.ts";
import { isLive } from "../../session/session.ts";
import { Called } from "../../ui/naming/unit-name.tsx";
import { moveFocus, stopAt } from "../../ui/roving-focus.ts";
import type { FindAnswer } from "../../wire/atlas-protocol.ts";
import type { AtlasSession } from "../session/session.ts";

export const COLUMNS: Record<string, [name: string, hint: string]> = {
  state: ["state", "dead, rare, dense, saturated, not seen firing, or none of these"],
  density: ["density", "Share of values above zero"],
  max: ["largest", "Largest value over the data set"],
  min: ["smallest", "Smallest value over the data set"],
  exclusive: ["exclusive", "How exclusively the unit goes with the text, 0 to 1"],
  matches: ["matches", "In how many of its strongest exemplars the pattern is found"],
  end: ["values", "Which of its values go with the text, the largest or the smallest"],
  value: ["here", "Strongest value in the present input"],
  strength: ["share", "The value here as a share of the largest over the data set"],
  correlation: ["correlation", "With the unit that was asked about"],
};

/** Cells in other words than Python's; what is as it should be needs none. */
const WORDS: Record<string, string> = { ok: "", top: "largest", bottom: "smallest" };

const ORDER_WORDS: Record<FindAnswer["order"], string> = {
  exclusive: "those first that go with the text and with little else",
  matches: "those with most matches first",
  strength: "the strongest here first, each against its largest value over the data set",
  correlation: "the most alike first",
  density: "those that fire most often first",
  max: "those with the largest values first",
  unit: "in the order of the model",
};

/** What is listed, in a sentence. */
export function sayUnits({ total, of, order, rows }: FindAnswer): string {
  const all = of.toLocaleString("en");
  if (total === 0) return `None of ${all} units fits.`;
  const which = total === of ? `All ${all} units` : `${total.toLocaleString("en")} of ${all} units fit`;
  const shown = rows.length < total ? `; here are ${rows.length} of them` : "";
  return `${which}, ${ORDER_WORDS[order]}${shown}.`;
}

export function UnitTable({ atlas, units }: { atlas: AtlasSession; units: FindAnswer }) {
  const { columns, rows } = units;
  const stop = stopAt(
    rows.map(([unit]) => unit),
    atlas.unit.value,
  );
  return (
    <>
      <p class="nw-sub" role="status" data-nw="find-count">
        {sayUnits(units)}
      </p>
      {rows.length > 0 && (
        <div class="nw-find-scroll">
          <table class="nw-find-table" onKeyDown={moveFocus}>
            <thead>
              <tr>
                <th scope="col">unit</th>
                {columns.map((name) => (
                  <th key={name} scope="col" title={COLUMNS[name]?.[1]}>
                    {COLUMNS[name]?.[0] ?? name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map(([unit, ...cells], at) => (
                <tr
                  key={unit}
                  data-nw="find-row"
                  data-unit={unit}
                  class={atlas.unit.value === unit ? "nw-chosen" : ""}
                >
                  <td>
                    <button
                      type="button"
                      class="nw-link nw-mono"
                      tabIndex={at === stop ? 0 : -1}
                      aria-pressed={atlas.unit.value === unit}
                      disabled={!isLive(atlas)}
                      onClick={() => atlas.setUnit(unit)}
                    >
                      <Called labels={atlas.labels.value} unit={unit} />
                    </button>
                  </td>
                  {cells.map((cell, i) => (
                    <td key={columns[i]} class={typeof cell === "number" ? "nw-number" : ""}>
                      {sayCell(columns[i]!, cell)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function sayCell(column: string, cell: number | string | null): string {
  if (cell === null) return "–";
  if (typeof cell === "string") return WORDS[cell] ?? cell;
  if (column === "density") return percent(cell);
  if (column === "strength") return `${Math.round(100 * cell)} %`;
  return column === "matches"
    ? String(cell)
    : ["exclusive", "correlation"].includes(column)
      ? cell.toFixed(2)
      : formatValue(cell);
}
