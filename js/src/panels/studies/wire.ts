/** Long questions on the wire: what drives a unit or the output, and which place carries a difference. */
import type { Value } from "../../wire/values.ts";

export type Target = "unit" | "output";

/** `effects`: by how much the value falls without each part; of pictures `grid` says how the patches lie. */
export type Attribution = {
  method: "gradient" | "occlusion";
  /** What is driven, in words. */
  target: string;
  /** What parts are called: "tokens". */
  parts: string;
  effects: Value[];
  /** Of inputs without tokens: what each part is called. */
  names: string[];
  grid: [rows: number, cols: number] | null;
  verdict: string;
};

/** How much of the difference comes back at each position of each site: 1 is all of it. */
export type PatchedGrid = {
  metric: string;
  rows: { site: string; values: Value[] }[];
  verdict: string;
};

declare module "../../wire/questions.ts" {
  interface Studies {
    attribution: Attribution;
    grid: PatchedGrid;
  }
}
