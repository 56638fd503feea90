/** Cells of a picture over tokens: bins of the reply, and what of it is seen. */
import type { Range } from "./region.ts";

/** What the page shows of a picture; the reply may still be of another part of it. */
export type Window = { rows: Range; cols: Range; totalRows: number; totalCols: number };

/** A bin of the reply: its place, and the rows and tokens (counted from the start of the whole text) pooled in it. */
export type Cell = { row: number; col: number; rows: Range; tokens: Range };
