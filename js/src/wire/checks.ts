/** Checks of what a message says: nothing in it is believed before. */
import type { Scale } from "./protocol.ts";
import { Refusal } from "./refusal.ts";

export type Loose = Record<string, unknown>;
type Guard<T> = (x: unknown) => x is T;

export const isObject = (x: unknown): x is Loose => typeof x === "object" && x !== null && !Array.isArray(x);
export const isCount = (x: unknown): x is number => Number.isSafeInteger(x) && (x as number) >= 0;
export const isNumber = (x: unknown): x is number => Number.isFinite(x);
export const isText = (x: unknown): x is string => typeof x === "string";
export const isList = <T>(x: unknown, each: Guard<T>): x is T[] => Array.isArray(x) && x.every(each);
export const isRange = (x: unknown): x is [number, number] => isList(x, isCount) && x.length === 2;
export const isOrNull =
  <T>(is: Guard<T>): Guard<T | null> =>
  (x): x is T | null =>
    x === null || is(x);

export const isScale = (x: unknown): x is Scale =>
  isObject(x) &&
  [x.lo, x.hi, x.knee].every(isNumber) &&
  (x.mode === "linear" || x.mode === "log") &&
  typeof x.signed === "boolean";

/** Refuses a header of which something does not hold. */
export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Refusal(`The frame's header is not readable: ${what}.`);
}

export type Checks = { readonly [field: string]: (x: unknown) => boolean };

/** Refuses a header in which one of the named fields is not what its check expects. */
export function mustBe(of: unknown, what: string, checks: Checks): void {
  must(isObject(of), `${what} is not an object`);
  for (const name in checks) if (!checks[name]!(of[name])) must(false, `${name} of ${what} is unreadable`);
}
