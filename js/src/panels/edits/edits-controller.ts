/** Controller of the edits: what a person does to the list, and how it is undone. */
import { signal } from "@preact/signals";
import type { Session } from "../../session/session.ts";
import type { Change, EditSetting } from "../../wire/edits.ts";
import { LIMITS } from "../../wire/shared.ts";

const MOST_UNDONE = 100;

export class EditsController {
  /** The lists before each step. */
  readonly past = signal<readonly (readonly EditSetting[])[]>([]);
  /** What the last step was of: all of one slider's moves in a row are one step. */
  #last = "";

  constructor(private readonly session: Session) {}

  add(unit: string, change: Change): void {
    const edits = this.session.edits.peek();
    const at = edits.findIndex((edit) => edit.unit === unit);
    const edit: EditSetting = { ...change, unit, scope: "all", when: null, on: true };
    if (at >= 0)
      this.#step(edits.map((old, i) => (i === at ? { ...old, ...change, on: true } : old) as EditSetting));
    else if (edits.length < LIMITS.edits) this.#step([...edits, edit]);
  }

  /** `of`: what is moved, where one move follows another. */
  set(index: number, patch: Partial<EditSetting>, of = ""): void {
    const edits = this.session.edits.peek();
    this.#step(
      edits.map((edit, i) => (i === index ? { ...edit, ...patch } : edit) as EditSetting),
      of,
    );
  }

  /** Another way to edit the same unit. */
  change(index: number, change: Change): void {
    const edits = this.session.edits.peek();
    this.#step(
      edits.map((edit, i) => {
        if (i !== index) return edit;
        const { unit, scope, when, on } = edit;
        return { ...change, unit, scope, when, on };
      }),
    );
  }

  remove(index: number): void {
    this.#step(this.session.edits.peek().filter((_, i) => i !== index));
  }

  clear(): void {
    if (this.session.edits.peek().length > 0) this.#step([]);
  }

  /** The next move is a step of its own. */
  settle(): void {
    this.#last = "";
  }

  undo(): void {
    const before = this.past.peek().at(-1);
    if (!before) return;
    this.past.value = this.past.peek().slice(0, -1);
    this.#last = "";
    this.session.setEdits([...before]);
  }

  #step(edits: EditSetting[], of = ""): void {
    if (of === "" || of !== this.#last)
      this.past.value = [...this.past.peek(), this.session.edits.peek()].slice(-MOST_UNDONE);
    this.#last = of;
    this.session.setEdits(edits);
  }
}
