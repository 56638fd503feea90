/** Exact values of units at tokens, as far as a frame has them. */
import { splitUnit } from "../../paint/words.ts";
import type { Frame } from "../../wire/frame.ts";
import { textWindow, tokenCount } from "../../wire/tokens.ts";
import { traceOf } from "../trace/wire.ts";
import { topOf } from "./wire.ts";

/** The value of the selected unit, a pinned one or one of the strongest at a token. */
export function exactValue(frame: Frame, unit: string, token: number): number | null {
  const index = token - textWindow(frame).first;
  if (index < 0 || index >= tokenCount(frame)) return null;
  const trace = traceOf(frame, unit);
  if (trace) return trace.values[index] ?? null;
  const [site, number] = splitUnit(unit);
  const top = topOf(frame);
  if (!top || site !== frame.head.site || token !== frame.head.token) return null;
  return top.values[top.units.indexOf(number)] ?? null;
}
