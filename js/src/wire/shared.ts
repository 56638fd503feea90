/** Constants that Python needs too: both read them from one file. */
import {
  contexts,
  findOrders,
  findPlaces,
  groups,
  hues,
  limits,
  states,
  version,
  view,
} from "../../../neuronwidget/stream/protocol/shared.json";

export const VERSION: number = version;
export const LIMITS = limits;
export const VIEW = view;
export const GROUPS = groups as readonly Group[];
export const CONTEXTS = contexts as readonly Context[];
export const HUES: { readonly light: readonly string[]; readonly dark: readonly string[] } = hues;
export const STATES: readonly string[] = states;
export const FIND_ORDERS = findOrders as readonly FindOrder[];
export const FIND_PLACES = findPlaces as readonly FindPlace[];

export type Group = "top" | "intervals" | "quantiles" | "bottom";
/** Where in an exemplar a text is looked for. */
export type FindPlace = "peak" | "window";
/** How many tokens of an exemplar are shown. */
export type Context = "5" | "16" | "full";
export type FindOrder = "exclusive" | "matches" | "strength" | "correlation" | "density" | "max" | "unit";
export type Order = "index" | "strength" | "variation" | "similarity";
export type Mode = "linear" | "log";
/** What a reading under the pointer is of: a cell of a panel, or of the selected unit's own grid. */
export type Where = "map" | "overview" | "unit";
