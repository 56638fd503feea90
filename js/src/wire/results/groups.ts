/** Groups of units as the page knows them: the trait `groups_info`, which `neuronwidget/widgets/answers/results/group_info.py` writes. */

import type { UnitName } from "../protocol.ts";
import type { Figure, Pixels64 } from "./shown.ts";

/** An input that several units of a group have among their strongest. */
export type GroupExemplar = {
  name: string;
  /** How many of the group's units have it. */
  units: number;
  /** Of texts: the tokens around the peak, and which is the peak. */
  pieces?: string[];
  peak?: number;
  /** Of pictures. */
  image?: Pixels64;
  /** Of rows, in words. */
  words?: string;
};

export type GroupRow = {
  group: number;
  /** At most so many as are worth sending; `count` is how many there are. */
  units: UnitName[];
  count: number;
  /** Mean correlation of its units on the half that it was not found on, with its interval. */
  correlation: number | null;
  low: number | null;
  high: number | null;
  /** Is it tighter than groups that chance makes? */
  stands: boolean;
  /** The word or picture that its units share; "" where there is none. */
  shared: string;
  /** Where it lies in the map, 0…1. */
  span: [from: number, to: number];
  exemplars: GroupExemplar[];
};

export type GroupsInfo = {
  model: string;
  sites: string[];
  verdict: string;
  figures: Figure[];
  units: number;
  groups: GroupRow[];
  /** The ordered map of correlations: `side` × `side` bytes in base64, 3 for none to 255 for one. */
  map: string;
  side: number;
};
