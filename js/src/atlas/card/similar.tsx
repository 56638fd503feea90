/** Lists of units that act alike, and of outputs that a unit raises and lowers. */

import { formatValue } from "../../paint/scale.ts";
import { glyphs, shorten } from "../../paint/words.ts";
import { isLive } from "../../session/session.ts";
import { Called, sayUnit } from "../../ui/naming/unit-name.tsx";
import { moveFocus } from "../../ui/roving-focus.ts";
import type { Answer } from "../session/channel.ts";
import type { AtlasSession } from "../session/session.ts";

type Kin = Answer<"kin">;

export function Similar({ atlas, kin }: { atlas: AtlasSession; kin: Kin }) {
  return (
    <section class="nw-kin-part" data-nw="similar" aria-label="Similar units">
      <h4 title="Correlation over a random sample of the data">Similar units</h4>
      {kin.similar.length === 0 ? (
        <p class="nw-sub">{kin.apart || "It did not vary on the sample that units are compared on."}</p>
      ) : (
        <ol onKeyDown={moveFocus}>
          {kin.similar.map(([unit, correlation], i) => (
            <li key={unit}>
              <button
                type="button"
                class="nw-link nw-mono"
                data-unit={unit}
                tabIndex={i === 0 ? 0 : -1}
                disabled={!isLive(atlas)}
                title={`Go to ${sayUnit(atlas.labels.value, unit)}: correlation ${correlation}`}
                onClick={() => atlas.setUnit(unit)}
              >
                <Called labels={atlas.labels.value} unit={unit} alone />
              </button>
              <span class="nw-number">{correlation.toFixed(2)}</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

/** `signed`: does the unit go below zero? */
export function Outputs({ kin, signed }: { kin: Kin; signed: boolean }) {
  if (kin.reason !== "") {
    return (
      <section class="nw-kin-part nw-kin-wide" data-nw="outputs-none" aria-label="Outputs">
        <h4>Effect on outputs: not defined here</h4>
        <p class="nw-sub">{kin.reason}</p>
      </section>
    );
  }
  return (
    <>
      <OutputList
        name="promoted"
        title="Promotes"
        rows={kin.promoted}
        hint="Outputs that one unit more of it raises most"
      />
      <OutputList
        name="suppressed"
        title="Suppresses"
        rows={kin.suppressed}
        hint="Outputs that it lowers most"
      />
      <p class="nw-sub nw-kin-wide" data-nw="outputs-note">
        {kin.note}
        {signed && " Where the unit is below zero, the two change places."}
      </p>
    </>
  );
}

type OutputListProps = { name: string; title: string; hint: string; rows: [string, number][] };

function OutputList({ name, title, hint, rows }: OutputListProps) {
  return (
    <section class="nw-kin-part" data-nw={name} aria-label={title}>
      <h4 title={hint}>{title}</h4>
      <ol>
        {rows.map(([output, effect], i) => (
          <li key={i}>
            <span class="nw-mono nw-token" title={JSON.stringify(output)}>
              {output === "" ? "∅" : shorten(glyphs(output), 12)}
            </span>
            <span class="nw-number">
              {effect > 0 ? "+" : ""}
              {formatValue(effect)}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
