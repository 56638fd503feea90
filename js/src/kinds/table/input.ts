/** Rows of a table as inputs: how they are read and sent, and the words for them. */
import type { InputKind, KindWords } from "../../session/kind.ts";
import { isRow, type Row } from "../../wire/inputs.ts";
import type { Column } from "../../wire/traits.ts";
import { NO_TOKENS } from "../words.ts";

declare module "../../wire/protocol.ts" {
  interface InputAsks {
    table: { kind: "table"; row?: Row };
  }
}
declare module "../../wire/traits.ts" {
  interface InputInfos {
    table: TableInfo;
  }
}

export type TableInfo = {
  kind: "table";
  columns: Column[];
  classes: string[] | null;
  /** How many example rows can be picked; absent in notebooks saved before there were any. */
  rows?: number;
};

export const TABLE_WORDS: KindWords = {
  input: "row",
  document: ["row", "rows"],
  things: "positions",
  ...NO_TOKENS,
};

export const TABLE_INPUT: InputKind = {
  name: "table",
  words: TABLE_WORDS,
  read(value) {
    if (typeof value !== "object" || value === null) return "";
    const isCell = ([, cell]: [string, unknown]) => typeof cell === "number" || typeof cell === "string";
    return Object.fromEntries(Object.entries(value).filter(isCell));
  },
  ask: (input) => ({ kind: "table", ...(isRow(input) && { row: input }) }),
};
