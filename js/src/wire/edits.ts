/** Edits of the model as the page and Python spell them; see `stream/protocol/edits.py`. */

/** Where in the input an edit acts; numbers count tokens. */
export type Scope = "all" | "last" | readonly number[];
/** An edit acts only where this unit is above a value. */
export type Condition = { unit: string; above: number };

type Place = { unit: string; scope: Scope; when: Condition | null; on: boolean };
/** What is done to the unit: its values times a factor, one value in their place, or its mean or zero. */
export type Change =
  | { edit: "scale"; factor: number }
  | { edit: "clamp"; value: number }
  | { edit: "ablate"; to: "zero" | "mean" | "resample" }
  /** Along the unit's output weights, or a direction that Python named; in lengths that the site typically has. */
  | { edit: "steer"; strength: number };
export type EditSetting = Place & Change;

/** Which pass is on the screen while the model is edited. */
export type Compare = "after" | "before" | "difference";

/** Does it change anything? */
export const acts = (edit: EditSetting): boolean =>
  edit.on && !(edit.edit === "scale" && edit.factor === 1) && !(edit.edit === "steer" && edit.strength === 0);

/** What a frame says of another input in the place of what was before: which pass is shown, and how many of the positions both have. */
export type BesideHead = { compare: Compare; paired: number; of: number; problem: string | null };

/** What a frame says of edits: those that act, in words; why others do not; and which pass is shown. */
export type EditsHead = {
  acting: string[];
  problems: { index: number; message: string }[];
  compare: Compare;
};
