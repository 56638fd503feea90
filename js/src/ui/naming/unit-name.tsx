/** A unit in a list: its name, where it has one, and then what it is called by the model. */
import { nameOf } from "../../session/labels.ts";
import type { UnitName } from "../../wire/protocol.ts";
import type { Labels } from "../../wire/traits.ts";

/** `alone`: a name stands without the unit, where there is no room for both. */
export function Called({ labels, unit, alone }: { labels: Labels; unit: UnitName; alone?: boolean }) {
  const [name] = nameOf(labels, unit);
  return (
    <>
      {name !== "" && <span class="nw-called">{name}</span>}
      {name !== "" && !alone && " "}
      {(name === "" || !alone) && <bdi dir="ltr">{unit}</bdi>}
    </>
  );
}

/** The same in words: for titles, and for the ear. */
export function sayUnit(labels: Labels, unit: UnitName): string {
  const words = labels[unit];
  return words === undefined ? unit : `${unit}, ${words}`;
}
