/** Columns and a row of an invented table. */
import type { Row } from "../src/wire/inputs.ts";
import type { Column } from "../src/wire/traits.ts";

export const COLUMNS: Column[] = [
  ..."mean radius,mean texture,mean perimeter,mean area,mean smoothness,mean compactness,worst radius,worst texture,worst area,worst concave points,symmetry error"
    .split(",")
    .map((name, i): Column => {
      const high = [28, 40, 190, 2500, 0.16, 0.35, 36, 50, 4250, 0.29, 0.08][i]!;
      const histogram = Array.from({ length: 24 }, (_, b) =>
        Math.exp(-((b - 7 - (i % 4)) ** 2) / (8 + 4 * (i % 3))),
      );
      return { name, kind: "number", low: high / 6, high, histogram, step: high / 500 };
    }),
  { name: "side", kind: "category", values: ["left", "right", "unknown"] },
];

export const TABLE_ROW: Row = Object.fromEntries(
  COLUMNS.map((column) => [column.name, column.kind === "number" ? column.low * 2.5 : "left"]),
);
