/** Everything about one row of a table, linked: its columns, classes, units, and the sweep of one column. */
import { useState } from "preact/hooks";
import { formatValue } from "../../paint/scale.ts";
import type { Held } from "../../panels/beside/view.tsx";
import { Classes } from "../../panels/classes/view.tsx";
import { MorePanels } from "../../panels/registry.tsx";
import { Sweep } from "../../panels/sweep/view.tsx";
import { Units } from "../../panels/top/view.tsx";
import type { Session } from "../../session/session.ts";
import type { HelpParts } from "../../ui/help.tsx";
import { isRow } from "../../wire/inputs.ts";
import { ExplorerFrame, Side } from "../explorer-frame.tsx";
import { ROW_HELP, RowPanel, useRow } from "./row-panel.tsx";

const HELP: HelpParts = [
  [
    "What you see",
    [
      ["Row", "one slider a column, its histogram above; the mark is the value it was given with"],
      ["What does the model say?", "each class now; the mark is what it was before your edits"],
      ["Sweep", "what the chosen and the pinned units and the classes do as one column goes over its range"],
    ],
  ],
  ...ROW_HELP,
  ["In the sweep", [["Drag", "set the column’s value; a click on another column sweeps over that"]]],
];

/** The columns that are others. */
const heldRow: Held = (session, input) => {
  const [held, now] = [isRow(input) ? input : {}, session.input.value];
  const show = (cell: number | string | undefined) => (typeof cell === "number" ? formatValue(cell) : cell);
  const row = isRow(now) ? now : {};
  const others = Object.keys(held).filter((name) => held[name] !== row[name]);
  if (others.length === 0) return "the same in every column";
  return others.map((name) => (
    <div key={name}>
      {name}: <mark>{show(held[name])}</mark> → {show(row[name])}
    </div>
  ));
};

export function TableExplorer({ session }: { session: Session }) {
  const work = useRow(session);
  const { columns, row, base, set } = work;
  const [name, choose] = useState(columns[0]?.name);
  const chosen = columns.find((column) => column.name === name);
  return (
    <ExplorerFrame session={session} help={HELP} held={heldRow}>
      <RowPanel session={session} work={work} chosen={chosen?.name} choose={choose} />
      <Side session={session} label="What comes out">
        <Classes session={session} base={base} />
        <Units session={session} />
      </Side>
      <section class="nw-area-pictures" aria-label="Sweep">
        <div class="nw-section-head">
          <span class="nw-title">
            Sweep over <span class="nw-mono">{chosen?.name ?? "a column"}</span>
          </span>
          <span class="nw-sub">all other columns stay as they are; drag here to set this one</span>
        </div>
        <Sweep session={session} column={chosen} set={(value) => set({ ...row, [name!]: value })} />
        <MorePanels session={session} area="pictures" />
      </section>
    </ExplorerFrame>
  );
}

/** The row beside a card, to be changed like that of an Explorer. */
export function TableCard({ session }: { session: Session }) {
  const work = useRow(session);
  return (
    <ExplorerFrame session={session} help={ROW_HELP} held={heldRow}>
      <RowPanel session={session} work={work} />
    </ExplorerFrame>
  );
}
