/** The status as Python has it: it is told how things stand once they have stood so for a moment. */

const REST_MS = 300;

export class ToldStatus {
  readonly #isShown: () => boolean;
  readonly #send: (status: string) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #told = "";

  constructor(isShown: () => boolean, send: (status: string) => void) {
    this.#isShown = isShown;
    this.#send = send;
  }

  /** Null: things are moving. */
  set(status: string | null): void {
    this.end();
    if (status === null || status === this.#told) return;
    this.#timer = setTimeout(() => {
      if (!this.#isShown()) return;
      this.#told = status;
      this.#send(status);
    }, REST_MS);
  }

  /** Something else tells it, in a message of its own. */
  setAtOnce(status: string): string {
    this.end();
    this.#told = status;
    return status;
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
