/** Bars, one a site, of its units by state; a part of one narrows the rows below to that state there. */
import { plural } from "../../paint/words.ts";
import { moveFocus } from "../../ui/roving-focus.ts";
import type { HealthInfo, HealthLayer } from "../../wire/results/health.ts";

export type Narrowed = { state: string | null; site: string | null };

type BarsProps = { info: HealthInfo; narrowed: Narrowed; narrow: (to: Narrowed) => void; live: boolean };

export function Bars({ info, narrowed, narrow, live }: BarsProps) {
  const ordinary = info.states.length - 1;
  const parts = info.layers.flatMap((layer) =>
    layer.counts.flatMap((count, state) =>
      count > 0 && state !== ordinary ? [`${layer.site} ${state}`] : [],
    ),
  );
  const own = `${narrowed.site} ${info.states.findIndex(([name]) => name === narrowed.state)}`;
  const stop = parts.includes(own) ? own : parts[0];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrows go from part to part.
    <div class="nw-health-bars" data-nw="health-bars" onKeyDown={moveFocus}>
      {info.layers.map((layer) => (
        <div key={layer.site} class="nw-health-layer" data-site={layer.site}>
          <span class="nw-mono nw-health-site" title={`${plural(layer.units, "unit")} on ${layer.on}`}>
            {layer.site}
          </span>
          <span class="nw-health-bar">
            {layer.counts.map((count, state) => {
              const name = info.states[state]![0];
              if (count === 0) return null;
              const width = { flexGrow: count };
              if (state === ordinary)
                return <span key={name} class="nw-health-part" data-is={name} style={width} />;
              const here = narrowed.state === name && narrowed.site === layer.site;
              return (
                <button
                  key={name}
                  type="button"
                  class="nw-health-part"
                  data-nw="health-part"
                  data-is={name}
                  style={width}
                  disabled={!live}
                  tabIndex={`${layer.site} ${state}` === stop ? 0 : -1}
                  aria-pressed={here}
                  aria-label={sayPart(layer, name, count)}
                  title={sayPart(layer, name, count)}
                  onClick={() => narrow(here ? WIDE : { state: name, site: layer.site })}
                />
              );
            })}
          </span>
          <span class="nw-health-out" title="Units that are out of order">
            {sayOut(layer)}
          </span>
        </div>
      ))}
    </div>
  );
}

export const WIDE: Narrowed = { state: null, site: null };

const inPercent = (share: number) => `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;

const sayPart = ({ site, units }: HealthLayer, state: string, count: number): string =>
  `${site}: ${count.toLocaleString("en")} of ${plural(units, "unit")} ${state} (${inPercent(count / units)})`;

function sayOut({ units, counts }: HealthLayer): string {
  const out = units - counts.at(-1)!;
  return `${out.toLocaleString("en")} of ${units.toLocaleString("en")}`;
}

type LegendProps = BarsProps;

/** What the colours mean, with how many units; each narrows the rows to its state at all sites. */
export function StateLegend({ info, narrowed, narrow, live }: LegendProps) {
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrows go from state to state.
    <div class="nw-health-legend" data-nw="health-legend" onKeyDown={moveFocus}>
      {info.states.map(([state, meaning], at) => {
        const count = info.layers.reduce((sum, { counts }) => sum + counts[at]!, 0);
        const isOrdinary = at === info.states.length - 1;
        const words = (
          <>
            <span class="nw-health-swatch" data-is={state} aria-hidden="true" />
            {isOrdinary ? "ordinary" : state} <b>{count.toLocaleString("en")}</b>
          </>
        );
        if (isOrdinary)
          return (
            <span key={state} class="nw-health-state" title={meaning}>
              {words}
            </span>
          );
        const here = narrowed.state === state && narrowed.site === null;
        return (
          <button
            key={state}
            type="button"
            class="nw-health-state"
            data-nw="health-state"
            data-is={state}
            disabled={!live || count === 0}
            tabIndex={at === 0 ? 0 : -1}
            aria-pressed={here}
            title={meaning}
            onClick={() => narrow(here ? WIDE : { state, site: null })}
          >
            {words}
          </button>
        );
      })}
    </div>
  );
}
