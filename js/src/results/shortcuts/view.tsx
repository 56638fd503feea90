/** Shortcuts, told in order: the data alone, candidates, what holding them does, where they look, and the verdict. */

import { SwitchUnitOff } from "../../atlas/card/switch-off.tsx";
import type { AtlasSession } from "../../atlas/session/session.ts";
import { plural } from "../../paint/words.ts";
import type { UnitName } from "../../wire/protocol.ts";
import type { ShortcutsInfo } from "../../wire/results/shortcuts.ts";
import { ResultHead } from "../head.tsx";
import { UnitsTable } from "../units/table.tsx";
import { Verdict } from "../verdict.tsx";
import { Gains } from "./gains.tsx";
import { Looks } from "./looks.tsx";
import { Properties } from "./properties.tsx";
import "./shortcuts.css";

const NOTHING: ShortcutsInfo = {
  model: "",
  verdict: "",
  figures: [],
  tried: "",
  halves: [0, 0],
  properties: [],
  units: { effect: "", hint: "", zero: 0, ends: [0, 1], null: null, columns: [], total: 0, rows: [] },
  gains: [],
  sets: [],
  looks: [],
  notes: [],
};

const NO_LOOK = {
  some: "Choose a unit to see where it looks.",
  none: "There is no unit to look at.",
};

export function Shortcuts({ of }: { of: AtlasSession }) {
  const info: ShortcutsInfo = { ...NOTHING, ...(of.trait("shortcuts_info").value as object | null) };
  const chosen = of.unit.value;
  const choose = (unit: UnitName) => of.setUnit(unit);
  const look = info.looks.find(({ unit }) => unit === chosen);
  const [first, second] = info.halves;
  const notes = info.notes.filter((note) => !info.verdict.includes(note));
  return (
    <div class="nw-shortcuts">
      <ResultHead of={of} model={info.model} />
      <ol class="nw-shortcuts-story">
        <li>
          <h3>What the data alone give away</h3>
          <Properties rows={info.properties} tried={info.tried} />
        </li>
        <li>
          <h3>Candidates, chosen on {plural(first, "input")}</h3>
          {info.units.rows.length ? (
            <UnitsTable of={of} info={info.units} chosen={chosen} choose={choose} />
          ) : (
            <p class="nw-empty">No unit is a candidate; the verdict says why.</p>
          )}
        </li>
        <li>
          <h3>Held at its mean, on {second.toLocaleString("en")} others</h3>
          <Gains of={of} rows={info.gains} sets={info.sets} chosen={chosen} choose={choose} />
        </li>
        <li>
          <h3>Where it looks</h3>
          {look ? (
            <Looks look={look} />
          ) : (
            <p class="nw-empty">{NO_LOOK[info.looks.length > 0 ? "some" : "none"]}</p>
          )}
          {chosen !== null && <SwitchUnitOff of={of} unit={chosen} />}
        </li>
        <li class="nw-shortcuts-verdict">
          <h3>Verdict</h3>
          <Verdict verdict={info.verdict} figures={info.figures} />
          {notes.map((note) => (
            <p key={note} class="nw-sub">
              {note}
            </p>
          ))}
        </li>
      </ol>
    </div>
  );
}
