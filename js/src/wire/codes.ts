/** Bytes that stand for values in `map`, `overview` and `tiles`; see `Scale` in protocol.ts. */

/** The first byte that is a value; 0, 1 and 2 are NaN, −∞ and +∞. */
export const FIRST = 3;
/** The byte of zero on a signed scale. */
export const MIDDLE = 129;
