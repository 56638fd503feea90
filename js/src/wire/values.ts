/** Values of units as JSON has them: what is no finite number is written by its name. */
export type Value = number | "nan" | "inf" | "-inf";

const ODD = { nan: Number.NaN, inf: Number.POSITIVE_INFINITY, "-inf": Number.NEGATIVE_INFINITY };
const isOdd = (x: unknown): x is keyof typeof ODD => typeof x === "string" && Object.hasOwn(ODD, x);

export const isValue = (x: unknown): x is Value => Number.isFinite(x) || isOdd(x);

/** NaN for other words, which saved notebooks may hold. */
export const numberOf = (value: Value): number =>
  typeof value === "number" ? value : isOdd(value) ? ODD[value] : Number.NaN;
