/** A unit in a list: its name, where it has one, and then what it is called by the model. */
import { labelOf } from "../../session/labels.ts";
import type { UnitName } from "../../wire/protocol.ts";
import type { Labels } from "../../wire/traits.ts";

type CalledProps = { labels: Labels; unit: UnitName; alone?: boolean };

/** `alone`: a name stands without the unit, where there is no room for both. */
export function Called({ labels, unit, alone }: CalledProps) {
  const { words } = labelOf(labels, unit);
  if (words === "") return <bdi dir="ltr">{unit}</bdi>;
  return (
    <>
      <Tested labels={labels} unit={unit} />
      <span class="nw-called">{words}</span>
      {!alone && (
        <>
          {" "}
          <bdi dir="ltr">
            <span>{unit.slice(0, unit.lastIndexOf(":"))}</span>
            {unit.slice(unit.lastIndexOf(":"))}
          </bdi>
        </>
      )}
    </>
  );
}

/** The mark before a name: how well it was tested. It is drawn by the sheet, so that it is no part of the words. */
export function Tested({ labels, unit }: CalledProps) {
  const { mark, says } = labelOf(labels, unit);
  return <span class="nw-tested" role="img" data-mark={mark} aria-label={mark} title={says || mark} />;
}

/** The same in words: for titles, and for the ear. */
export function sayUnit(labels: Labels, unit: UnitName): string {
  const { words, mark } = labelOf(labels, unit);
  return words === "" ? unit : `${unit}, ${words} (${mark})`;
}
