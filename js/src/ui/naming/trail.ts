/** Units looked at, one after the other, to go back and forward through. */
import { signal } from "@preact/signals";
import type { UnitName } from "../../wire/protocol.ts";

const MOST = 200;

export class Trail {
  readonly #units = signal<readonly UnitName[]>([]);
  readonly #at = signal(-1);

  /** Another unit is shown. One that was not gone to by a step ends the way forward. */
  see(unit: UnitName | null): void {
    const units = this.#units.peek();
    if (unit === null || unit === units[this.#at.peek()]) return;
    this.#units.value = [...units.slice(0, this.#at.peek() + 1), unit].slice(-MOST);
    this.#at.value = this.#units.peek().length - 1;
  }

  /** The unit before (−1) or behind (1) the one that is shown; null where there is none. */
  next(by: -1 | 1, shown: UnitName | null): UnitName | null {
    // Where none is shown any more, the last one is the one before.
    const here = this.#at.value + (shown === null && by === -1 ? 1 : 0);
    return this.#units.value[here + by] ?? null;
  }

  /** Goes there; returns the unit that is to be shown. */
  go(by: -1 | 1, shown: UnitName | null): UnitName | null {
    const unit = this.next(by, shown);
    if (unit !== null && !(shown === null && by === -1)) this.#at.value += by;
    return unit;
  }
}
