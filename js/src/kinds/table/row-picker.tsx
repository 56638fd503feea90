/** Picker of example rows: each is looked at as it is chosen. */
import { useEffect, useState } from "preact/hooks";
import { isLive, type Session } from "../../session/session.ts";
import type { Row } from "../../wire/inputs.ts";
import type { TableInfo } from "./input.ts";

/** `given`: the row as Python gave it, which is another as soon as one is picked, here or there. */
export function RowPicker({ session, given }: { session: Session; given: Row }) {
  const count = (session.catalog.value.input as TableInfo | undefined)?.rows ?? 0;
  /** Which was picked here; −1: Python gave the row. */
  const [picked, setPicked] = useState(-1);
  const [awaited, setAwaited] = useState(-1);
  useEffect(() => {
    setPicked(awaited);
    setAwaited(-1);
  }, [given]);
  if (count === 0) return null;
  const pick = (row: number) => {
    setAwaited(row);
    setPicked(row);
    session.pick(row);
  };
  const off = !isLive(session);
  return (
    <span class="nw-field nw-row-picker">
      <Step words="The example before" sign="‹" off={off || picked < 1} act={() => pick(picked - 1)} />
      <select
        data-nw="rows"
        aria-label={`Example rows, ${count} in all`}
        title="Begin with one of the example rows"
        value={String(picked)}
        disabled={off}
        onChange={(event) => pick(Number(event.currentTarget.value))}
      >
        <option value="-1" disabled>
          example rows
        </option>
        {Array.from({ length: count }, (_, row) => (
          <option key={row} value={String(row)}>
            row {row}
          </option>
        ))}
      </select>
      <Step words="The next example" sign="›" off={off || picked >= count - 1} act={() => pick(picked + 1)} />
    </span>
  );
}

type StepProps = { words: string; sign: string; off: boolean; act: () => void };

function Step({ words, sign, off, act }: StepProps) {
  return (
    <button type="button" class="nw-icon" aria-label={words} title={words} disabled={off} onClick={act}>
      {sign}
    </button>
  );
}
