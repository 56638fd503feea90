/** Table of the panels of this page: each with what it asks and gets, and some with a view of their own. */
import type { ComponentType } from "preact";
import type { PanelWire } from "../session/panel.ts";
import type { Session } from "../session/session.ts";

export type Area = "side" | "pictures";
export type Panel = {
  readonly wire: PanelWire;
  /** What every Explorer shows at the end of an area. */
  readonly view: ComponentType<{ session: Session }>;
  readonly area: Area;
};

/** By name, in the order in which their parts are checked. */
export const PANELS = new Map<string, PanelWire>();
const MORE = new Map<string, Panel>();

/** Registers what a kind's own views ask for and get. */
export function registerWires(wires: readonly PanelWire[]): void {
  for (const wire of wires) PANELS.set(wire.name, wire);
}

/** Adds a panel to all Explorers. */
export function registerPanel(panel: Panel): void {
  registerWires([panel.wire]);
  MORE.set(panel.wire.name, panel);
}

/** The panels that were added to an area. */
export function MorePanels({ session, area }: { session: Session; area: Area }) {
  const here = [...MORE.values()].filter((panel) => panel.area === area);
  return (
    <>
      {here.map(({ wire, view: View }) => (
        <View key={wire.name} session={session} />
      ))}
    </>
  );
}
