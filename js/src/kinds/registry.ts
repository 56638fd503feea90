/**
 * Table of the kinds of input of this page. A kind may be registered in parts: its live views, and how its exemplars
 * are shown; a page has only what it shows.
 */
import type { ComponentType } from "preact";
import { dark } from "../paint/theme.ts";
import { PANELS, registerWires } from "../panels/registry.tsx";
import type { InputKind, KindWords } from "../session/kind.ts";
import type { PageTables } from "../session/live-session.ts";
import type { PanelWire } from "../session/panel.ts";
import type { Session } from "../session/session.ts";
import type { ExemplarFace } from "./exemplars.ts";

export type View = ComponentType<{ session: Session }>;

export interface Kind {
  readonly name: string;
  readonly words: KindWords;
  readonly live?: LiveFace;
  readonly exemplars?: ExemplarFace;
}

export type LiveFace = {
  readonly input: InputKind;
  /** What its views ask of the kernel. */
  readonly panels: readonly PanelWire[];
  /** By `layout_kind`: the views that this bundle has. */
  readonly layouts: { readonly [layout: string]: View };
  /** The input of a card that is a widget of its own, and where it stands. */
  readonly card: { readonly view: View; readonly place: "above" | "beside" };
};

const KINDS = new Map<string, Kind>();

export function registerKind(...kinds: readonly Kind[]): void {
  for (const kind of kinds) {
    const earlier = KINDS.get(kind.name);
    const live = kind.live && {
      ...kind.live,
      layouts: { ...earlier?.live?.layouts, ...kind.live.layouts },
    };
    KINDS.set(kind.name, { ...earlier, ...kind, ...(live && { live }) });
    if (live) registerWires(live.panels);
  }
}

/** The kind of that name; of one that this page does not know, the first that it does. */
export const kindOf = (name: string): Kind => KINDS.get(name) ?? [...KINDS.values()][0]!;
export const faceOf = (name: string): ExemplarFace => kindOf(name).exemplars!;
/** Is the ground of an exemplar's colours dark? */
export const isDarkGround = (name: string): boolean => faceOf(name).isDark === true || dark.value;
/** The view of a live session, by its kind of input and its layout. */
export const viewOf = ({ kind, layout }: Session): View => {
  const { layouts } = kindOf(kind.name).live!;
  return layouts[layout] ?? Object.values(layouts)[0]!;
};

export const TABLES: PageTables = { panels: PANELS, kindOf: (name) => kindOf(name).live!.input };
