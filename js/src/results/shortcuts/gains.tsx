/** Gains: right answers that holding a unit at its mean brings, a dot with its interval among ticks of random units. */
import type { AtlasSession } from "../../atlas/session/session.ts";
import { Called, sayUnit } from "../../ui/naming/unit-name.tsx";
import { moveFocus, stopAt } from "../../ui/roving-focus.ts";
import type { UnitName } from "../../wire/protocol.ts";
import type { GainRow } from "../../wire/results/shortcuts.ts";

type GainsProps = {
  of: AtlasSession;
  rows: readonly GainRow[];
  sets: readonly string[];
  chosen: UnitName | null;
  choose: (unit: UnitName) => void;
};

const IS: Record<string, string> = {
  shortcut: "shortcut",
  together: "with others",
  suspected: "cannot be tried",
  no: "no shortcut",
};

export function Gains({ of, rows, sets, chosen, choose }: GainsProps) {
  if (rows.length === 0) return <p class="nw-empty">No unit was tried.</p>;
  const ends = endsOf(rows);
  const at = (value: number) => `${(100 * (value - ends[0])) / (ends[1] - ends[0])}%`;
  const stop = stopAt(
    rows.map(({ unit }) => unit),
    chosen,
  );
  const triedOn = rows.find((row) => row.tried_on !== "")?.tried_on;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrows go from unit to unit.
    <div class="nw-gains" data-nw="gains" onKeyDown={moveFocus}>
      {rows.map((row, i) => (
        <button
          key={row.unit}
          type="button"
          class={`nw-gain nw-is-${row.state}${row.unit === chosen ? " nw-chosen" : ""}`}
          data-nw="gain"
          data-unit={row.unit}
          tabIndex={i === stop ? 0 : -1}
          aria-pressed={row.unit === chosen}
          aria-label={sayGain(row, sayUnit(of.labels.value, row.unit))}
          title={sayGain(row, row.unit)}
          onClick={() => choose(row.unit)}
        >
          <span class="nw-bar-name nw-gain-name nw-mono">
            <Called labels={of.labels.value} unit={row.unit} />
          </span>
          <span class="nw-gain-axis" aria-hidden="true">
            <i class="nw-gain-zero" style={{ left: at(0) }} />
            {row.random.map((gain, tick) => (
              <i key={tick} class="nw-gain-random" style={{ left: at(gain) }} />
            ))}
            {row.low !== null && row.high !== null && (
              <i class="nw-gain-span" style={{ left: at(row.low), right: `calc(100% - ${at(row.high)})` }} />
            )}
            {row.gain !== null && <i class="nw-gain-dot" style={{ left: at(row.gain) }} />}
          </span>
          <span class="nw-gain-words nw-number">
            {row.gain === null ? "" : percent(row.gain)} <b>{IS[row.state] ?? row.state}</b>
          </span>
        </button>
      ))}
      <p class="nw-sub nw-gain-legend">
        <i class="nw-gain-dot" /> more right answers, with 95 % interval <i class="nw-gain-random" /> random
        units of the site, changed as much <i class="nw-gain-zero" /> no change
      </p>
      {sets.map((words) => (
        <p key={words} class="nw-sub" data-nw="gain-together">
          {words}
        </p>
      ))}
      {triedOn && <p class="nw-sub">Tried on {triedOn}.</p>}
    </div>
  );
}

/** The ends of the axis that all rows share, zero among them, with a little room. */
function endsOf(rows: readonly GainRow[]): [number, number] {
  const all = rows.flatMap(({ gain, low, high, random }) => [gain, low, high, ...random]);
  const values = [0, ...all.filter((value): value is number => value !== null)];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = 0.05 * (high - low) || 0.01;
  return [low - room, high + room];
}

const percent = (gain: number): string => `${gain < 0 ? "−" : "+"}${Math.abs(100 * gain).toFixed(1)} %`;

/** A row for the ear. */
function sayGain({ state, gain, low, high, random }: GainRow, name: string): string {
  if (gain === null)
    return `${name}: ${state === "together" ? IS[state] : "too few inputs go against what it goes with to try it"}`;
  const interval = low === null || high === null ? "" : ` (${percent(low)} to ${percent(high)})`;
  const best = random.length
    ? `, the best of ${random.length} random units ${percent(Math.max(...random))}`
    : "";
  return `${name}: ${percent(gain)} right answers${interval}${best}; ${IS[state] ?? state}`;
}
