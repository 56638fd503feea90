/** Picking, as in any list: a click, with Control to add, with Shift to reach from the last. Pure. */

export type Picks = {
  /** Keys, in the order in which they were picked. */
  readonly picked: readonly number[];
  /** The place from which Shift reaches. */
  readonly anchor: number | null;
};

export type Manner = { toggle: boolean; reach: boolean };

/** What a click on a place does. `keyAt` gives the key of a place, undefined where it has not come yet. */
export function pick(
  before: Picks,
  place: number,
  manner: Manner,
  keyAt: (place: number) => number | undefined,
): Picks {
  const key = keyAt(place);
  if (key === undefined) return before;
  if (manner.reach && before.anchor !== null) {
    const [low, high] = [Math.min(before.anchor, place), Math.max(before.anchor, place)];
    const reached: number[] = [];
    for (let at = low; at <= high; at++) {
      const there = keyAt(at);
      if (there !== undefined) reached.push(there);
    }
    const rest = manner.toggle ? before.picked.filter((one) => !reached.includes(one)) : [];
    return { picked: [...rest, ...reached], anchor: before.anchor };
  }
  if (manner.toggle) {
    const without = before.picked.filter((one) => one !== key);
    const picked = without.length < before.picked.length ? without : [...without, key];
    return { picked, anchor: place };
  }
  const alone = before.picked.length === 1 && before.picked[0] === key;
  return { picked: alone ? [] : [key], anchor: place };
}
