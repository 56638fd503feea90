/** Rows of a table as a kind of input: the live views, and what they ask. */
import { CLASSES_WIRE } from "../../panels/classes/wire.ts";
import { EDITS_WIRE } from "../../panels/edits/wire.ts";
import { SWEEP_WIRE } from "../../panels/sweep/wire.ts";
import { TOP_WIRE } from "../../panels/top/wire.ts";
import { TRACE_WIRE } from "../../panels/trace/wire.ts";
import type { Kind } from "../registry.ts";
import { TableCard, TableExplorer } from "./explorer.tsx";
import { TABLE_INPUT } from "./input.ts";

export const TABLE: Kind = {
  name: TABLE_INPUT.name,
  words: TABLE_INPUT.words,
  live: {
    input: TABLE_INPUT,
    panels: [TRACE_WIRE, CLASSES_WIRE, TOP_WIRE, SWEEP_WIRE, EDITS_WIRE],
    layouts: { explorer: TableExplorer },
    card: { view: TableCard, place: "beside" },
  },
};
