/** Exemplars of rows: a row as bars, each column between its ends; and as a list with numbers. */
import { formatExact, formatValue } from "../../paint/scale.ts";
import { Bar } from "../../ui/bar.tsx";
import type { TableColumn } from "../../wire/atlas-protocol.ts";
import { numberOf, type Value } from "../../wire/values.ts";
import type { Kind } from "../registry.ts";
import { TABLE_WORDS } from "./input.ts";

type Cell = Value | string | undefined;

/** 0…1 between the ends of a column; null for what is no number. */
export function shareOf(value: Cell, { ends }: TableColumn): number | null {
  if (!ends || value === undefined) return null;
  const number = typeof value === "number" ? value : numberOf(value as Value);
  if (!Number.isFinite(number)) return null;
  const [low, high] = ends;
  return high > low ? Math.min(1, Math.max(0, (number - low) / (high - low))) : 0.5;
}

const sayCell = (value: Cell): string =>
  typeof value === "number" ? formatExact(value) : String(value ?? "–");

type BarsProps = { row: Record<string, Cell>; columns: readonly TableColumn[] };

function Bars({ row, columns }: BarsProps) {
  return (
    <span
      class="nw-ex-bars"
      role="img"
      aria-label={columns.map(({ name }) => `${name} ${sayCell(row[name])}`).join(", ")}
    >
      {columns.map((column) => {
        const share = shareOf(row[column.name], column);
        const title = `${column.name}: ${sayCell(row[column.name])}${sayEnds(column)}`;
        if (share === null)
          return (
            <span key={column.name} class="nw-ex-word" title={title}>
              {sayCell(row[column.name])}
            </span>
          );
        return (
          <span key={column.name} class="nw-ex-column" title={title}>
            <span style={{ height: `${Math.max(3, 100 * share)}%` }} />
          </span>
        );
      })}
    </span>
  );
}

const sayEnds = ({ ends }: TableColumn): string =>
  ends ? ` (of ${formatValue(ends[0])} to ${formatValue(ends[1])})` : "";

function Columns({ row, columns }: BarsProps) {
  return (
    <div class="nw-ex-columns">
      {columns.map((column) => {
        const share = shareOf(row[column.name], column);
        return (
          <div key={column.name} title={`${column.name}${sayEnds(column)}`}>
            <span class="nw-ex-column-name">{column.name}</span>
            <span class="nw-ex-cell">
              <Bar share={share} />
              <span class="nw-number">{sayCell(row[column.name])}</span>
            </span>
          </div>
        );
      })}
    </div>
  );
}

export const TABLE_EXEMPLARS: Kind = {
  name: "table",
  words: TABLE_WORDS,
  exemplars: {
    Item: ({ exemplar, listing }) => <Bars row={exemplar.row ?? {}} columns={listing.columns ?? []} />,
    look: () => ({ sizes: { line: 46, perLine: 1 }, lead: null }),
    openHeight: 260,
    Opened: ({ exemplar, listing }) => <Columns row={exemplar.row ?? {}} columns={listing.columns ?? []} />,
    place: () => null,
    sayUse: () => "Put this row in the editor",
    use({ row }, live) {
      if (row) live.setInput(row);
      return "It is in the editor now.";
    },
  },
};
