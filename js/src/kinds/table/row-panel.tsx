/** The row with a control for each of its columns. */
import { useMemo, useRef, useState } from "preact/hooks";
import { plural } from "../../paint/words.ts";
import { effectScale, useDriven } from "../../panels/studies/driven.ts";
import { Drives } from "../../panels/studies/drives.tsx";
import { isLive, type Session } from "../../session/session.ts";
import type { HelpParts } from "../../ui/help.tsx";
import { isRow, type Row, same } from "../../wire/inputs.ts";
import type { Column } from "../../wire/traits.ts";
import { numberOf } from "../../wire/values.ts";
import { complete, matching } from "./columns.ts";
import { Control } from "./controls.tsx";
import type { TableInfo } from "./input.ts";
import { RowPicker } from "./row-picker.tsx";
import "../inputs.css";
import "./table.css";

/** More columns than this are worth a search field. */
const MANY = 10;
const NONE: Column[] = [];

export const ROW_HELP: HelpParts = [
  [
    "Pointer and keys",
    [
      ["Slider, number", "the model follows; ← and → go in small steps"],
      ["↺", "put one column back; “Reset row” all of them"],
    ],
  ],
];

/** The row, the row as Python gave it, and the way to change it. */
export function useRow(session: Session) {
  const columns = (session.catalog.value.input as TableInfo | undefined)?.columns ?? NONE;
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
  return { columns, row, was, base: base.current, set };
}

type RowPanelProps = {
  session: Session;
  work: ReturnType<typeof useRow>;
  /** The column that is looked at. */
  chosen?: string | undefined;
  choose?: (column: string) => void;
};

export function RowPanel({ session, work, chosen, choose }: RowPanelProps) {
  const { columns, row, was, base, set } = work;
  const [words, search] = useState("");
  const shown = matching(columns, words);
  const changes = columns.filter((column) => row[column.name] !== was[column.name]).length;
  const live = isLive(session);
  const driven = useDriven(session);
  const result = driven?.result.value;
  const effects = result && Float32Array.from(result.effects, numberOf);
  const scale = effects ? effectScale(effects) : null;
  return (
    <section class="nw-area-text" aria-label="Row" data-nw="editor">
      <div class="nw-section-head">
        <span class="nw-title">Row</span>
        <span class="nw-sub nw-row-says">
          {changes > 0 ? `${plural(changes, "column")} changed` : "move a slider: the model follows"}
        </span>
        <span class="nw-field nw-zoom">
          <RowPicker session={session} given={base} />
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
      <Drives driven={driven} />
      <fieldset class="nw-work" disabled={!live} aria-label="Columns">
        <div class="nw-columns" data-nw="columns">
          <ul>
            {shown.map((column) => (
              <Control
                key={column.name}
                column={column}
                value={row[column.name]!}
                base={was[column.name]!}
                chosen={column.name === chosen}
                effect={effects?.[result!.names.indexOf(column.name)]}
                scale={scale}
                choose={() => choose?.(column.name)}
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
  );
}
