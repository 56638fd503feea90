/** The units that are out of order, each with its state and why; narrowed to a state or a site. */
import { useState } from "preact/hooks";
import { useLinked } from "../../atlas/session/linked.ts";
import type { AtlasSession } from "../../atlas/session/session.ts";
import { plural } from "../../paint/words.ts";
import { isLive } from "../../session/session.ts";
import { Called } from "../../ui/naming/unit-name.tsx";
import { PinButton } from "../../ui/pin.tsx";
import { moveFocus, stopAt } from "../../ui/roving-focus.ts";
import type { HealthInfo } from "../../wire/results/health.ts";
import type { Narrowed } from "./bars.tsx";

const FIRST = 20;

export function FlaggedUnits({
  of,
  info,
  narrowed,
}: {
  of: AtlasSession;
  info: HealthInfo;
  narrowed: Narrowed;
}) {
  const [most, setMost] = useState(FIRST);
  const linked = useLinked(of);
  const all = info.rows.filter(
    ({ unit, state }) =>
      (narrowed.state ?? state) === state &&
      (narrowed.site === null || unit.slice(0, unit.lastIndexOf(":")) === narrowed.site),
  );
  const chosen = of.unit.value;
  const names = all.map(({ unit }) => unit);
  const place = chosen === null ? -1 : names.indexOf(chosen);
  const rows = all.slice(0, Math.max(most, place + 1));
  const stop = Math.max(0, stopAt(names, chosen));
  const total = counted(info, narrowed);
  const keys = (event: KeyboardEvent) => {
    const unit = (event.target as HTMLElement).closest<HTMLElement>("tr")?.dataset.unit;
    if (event.key === "p" && unit !== undefined && linked && isLive(of)) linked.togglePin(unit);
    else moveFocus(event);
  };
  if (total === 0) return <p class="nw-empty">No unit is out of order.</p>;
  return (
    <div class="nw-units-table">
      <table class="nw-effects nw-health-rows" data-nw="health-rows" onKeyDown={keys}>
        <thead>
          <tr>
            <th scope="col">unit</th>
            <th scope="col">state</th>
            <th scope="col">why</th>
            {linked && <th scope="col" aria-label="pinned" />}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ unit, state, reason }, at) => (
            <tr key={unit} data-unit={unit} class={unit === chosen ? "nw-chosen" : ""}>
              <td>
                <button
                  type="button"
                  class="nw-link nw-mono"
                  data-nw="unit"
                  disabled={!isLive(of)}
                  tabIndex={at === stop ? 0 : -1}
                  aria-pressed={unit === chosen}
                  onClick={() => of.setUnit(unit)}
                >
                  <Called labels={of.labels.value} unit={unit} />
                </button>
              </td>
              <td class="nw-health-is">
                <span class="nw-health-swatch" data-is={state} aria-hidden="true" />
                {state}
              </td>
              <td>{reason}</td>
              {linked && (
                <td>
                  <PinButton session={linked} unit={unit} tab={-1} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      <p class="nw-sub">
        {plural(rows.length, "unit")} of {total.toLocaleString("en")}
        {rows.length < all.length && (
          <>
            {" "}
            <button
              type="button"
              class="nw-link"
              data-nw="more-units"
              onClick={() => setMost(2 * rows.length)}
            >
              show more
            </button>
          </>
        )}
        {rows.length === all.length && all.length < total && (
          <>
            {" "}
            – all of them: <code class="nw-mono">view.table()</code>
          </>
        )}
      </p>
    </div>
  );
}

/** How many units are out of order there, sent or not. */
function counted({ states, layers }: HealthInfo, { state, site: only }: Narrowed): number {
  return layers
    .filter(({ site }) => only === null || site === only)
    .flatMap(({ counts }) =>
      counts.slice(0, -1).filter((_, at) => state === null || states[at]![0] === state),
    )
    .reduce((sum, count) => sum + count, 0);
}
