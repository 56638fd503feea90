/** Tells whether keys are coming. */

/** Keys rest once none has come for this long. */
const REST_MS = 400;

export class Typing {
  #timer: ReturnType<typeof setTimeout> | undefined;

  get on(): boolean {
    return this.#timer !== undefined;
  }

  /** A key has come; `rest` is called once none follows. */
  key(rest: () => void): void {
    this.end();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      rest();
    }, REST_MS);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
