/** Columns that a person looks for, and a row with a value for each. */
import type { Row } from "../../wire/inputs.ts";
import type { Column } from "../../wire/traits.ts";

/** Columns whose name has all the words in it, in any order. */
export function matching(columns: readonly Column[], words: string): Column[] {
  const wanted = words.toLowerCase().split(/\s+/);
  return columns.filter(({ name }) => wanted.every((word) => name.toLowerCase().includes(word)));
}

/** A row for the columns: what is missing or of the wrong kind gets the column's middle or first value. */
export function complete(columns: readonly Column[], row: Row): Row {
  return Object.fromEntries(
    columns.map((column) => {
      const value = row[column.name];
      if (column.kind === "category") return [column.name, value ?? column.values[0] ?? ""];
      return [column.name, typeof value === "number" ? value : (column.low + column.high) / 2];
    }),
  );
}
