/** Panel of a view as the session knows it: what it asks of the kernel, what it gets, and what is kept of that. */
import type { Loose } from "../wire/checks.ts";
import type { CheckedPanel, Frame, PartCheck } from "../wire/frame.ts";
import type { ViewSettings } from "../wire/protocol.ts";

/** What views need of each panel; a panel declares its own. */
// biome-ignore lint/suspicious/noEmptyInterface: panels add to it.
export interface PanelNeeds {}
export type Needs = Partial<PanelNeeds>;

/** What else a panel's question follows from. */
export type AskState = {
  view: ViewSettings;
  /** How many units the site has. */
  width: number;
  /** Are keys coming? */
  typing: boolean;
};

export interface PanelWire extends CheckedPanel {
  /** Asked for in every frame, whether or not a view says that it needs it. */
  readonly always?: object;
  /** Does it speak of the token under the cursor, so that another token is another question? */
  readonly ofToken?: boolean;
  /** Is it the last need that a view gets to know? The first request waits for it. */
  readonly isLast?: boolean;
  /** Two views' needs as one; without it the one that was changed last is served. */
  join?(before: never, after: never): object;
  /** What it asks, by what views need; without it the need itself. null: nothing. */
  ask?(need: never, state: AskState): object | null;
  /** Refuses a part that cannot be relied on. */
  check?(part: Loose, check: PartCheck): void;
  /** Ways to make a frame smaller that is too large to keep, by what can be missed first: the lowest number. */
  readonly shrink?: readonly Shrink[];
}

/** null when it is no help, or none any more. */
type Shrink = { readonly rank: number; make(frame: Frame): Frame | null };

/** The panels of a page, by name. */
export type Panels = ReadonlyMap<string, PanelWire>;
