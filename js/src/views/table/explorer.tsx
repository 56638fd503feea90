/** Everything about one row of a table, linked: its columns, classes, units, and the sweep of one column. */
import { useMemo, useRef, useState } from "preact/hooks";
import { isRow, type Row, same } from "../../inputs.ts";
import { plural } from "../../paint/words.ts";
import type { Column } from "../../protocol.ts";
import type { Session } from "../../session.ts";
import { Classes } from "../classes.tsx";
import { ExplorerFrame } from "../explorer-frame.tsx";
import type { HelpParts } from "../help.tsx";
import { isLive } from "../plot.ts";
import { Units } from "../units.tsx";
import { complete, matching } from "./columns.ts";
import { Control } from "./controls.tsx";
import { Sweep } from "./sweep.tsx";

/** More columns than this are worth a search field. */
const MANY = 10;

const HELP: HelpParts = [
  [
    "What you see",
    [
      ["Row", "one slider a column, its histogram above; the mark is the value it was given with"],
      ["The model says", "each class now; the mark is what it was before your edits"],
      ["Sweep", "what the chosen unit and the classes do as one column goes over its range"],
    ],
  ],
  [
    "Pointer and keys",
    [
      ["Slider, number", "the model follows; ← and → go in small steps"],
      ["Click a column", "sweep over it; drag in the sweep to set its value"],
      ["↺", "put one column back; “Reset row” all of them"],
    ],
  ],
];

/** The row, the row as Python gave it, and the way to change it. */
function useRow(session: Session, columns: readonly Column[]) {
  const own = useRef<Row | null>(null);
  const base = useRef<Row>({});
  const input = session.input.value;
  const given = isRow(input) ? input : null;
  // What we did not set ourselves was set by Python.
  if (given && given !== own.current) {
    base.current = given;
    own.current = given;
  }
  const row = useMemo(() => complete(columns, given ?? {}), [columns, given]);
  const was = useMemo(() => complete(columns, base.current), [columns, base.current]);
  const set = (next: Row) => {
    if (same(next, given)) return;
    own.current = next;
    session.setInput(next);
  };
  return { row, was, base: base.current, set };
}

export function TableExplorer({ session }: { session: Session }) {
  const input = session.catalog.value.input;
  const columns = input?.kind === "table" ? input.columns : [];
  const { row, was, base, set } = useRow(session, columns);
  const [name, choose] = useState(columns[0]?.name);
  const [words, search] = useState("");
  const chosen = columns.find((column) => column.name === name);
  const shown = matching(columns, words);
  const changes = columns.filter((column) => row[column.name] !== was[column.name]).length;
  const live = isLive(session);
  return (
    <ExplorerFrame session={session} help={HELP}>
      <section class="nw-area-text" aria-label="Row" data-nw="editor">
        <div class="nw-section-head">
          <span class="nw-title">Row</span>
          <span class="nw-sub">
            {changes > 0 ? `${plural(changes, "column")} changed` : "move a slider: the model follows"}
          </span>
          <span class="nw-field nw-zoom">
            {columns.length > MANY && (
              <input
                type="search"
                data-nw="search"
                aria-label={`Search among ${columns.length} columns`}
                placeholder={`search ${columns.length} columns`}
                value={words}
                onInput={(event) => search(event.currentTarget.value)}
              />
            )}
            <button
              type="button"
              data-nw="reset"
              title="All columns back to the row as it was given"
              disabled={!live || changes === 0}
              onClick={() => set(base)}
            >
              Reset row
            </button>
          </span>
        </div>
        <fieldset class="nw-work" disabled={!live} aria-label="Columns">
          <div class="nw-columns" data-nw="columns">
            <ul>
              {shown.map((column) => (
                <Control
                  key={column.name}
                  column={column}
                  value={row[column.name]!}
                  base={was[column.name]!}
                  chosen={column === chosen}
                  choose={() => choose(column.name)}
                  set={(value) => set({ ...row, [column.name]: value })}
                />
              ))}
            </ul>
            {shown.length === 0 && (
              <p class="nw-empty">
                {words === "" ? "This model has no columns." : `No column has “${words}” in its name.`}
              </p>
            )}
          </div>
        </fieldset>
      </section>
      <aside class="nw-area-side" aria-label="What comes out">
        <Classes session={session} base={base} />
        <Units session={session} />
      </aside>
      <section class="nw-area-pictures" aria-label="Sweep">
        <div class="nw-section-head">
          <span class="nw-title">
            Sweep over <span class="nw-mono">{chosen?.name ?? "a column"}</span>
          </span>
          <span class="nw-sub">all other columns stay as they are; drag here to set this one</span>
        </div>
        <Sweep session={session} column={chosen} set={(value) => set({ ...row, [name!]: value })} />
      </section>
    </ExplorerFrame>
  );
}
