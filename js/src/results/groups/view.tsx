/** Groups of units that behave alike: their correlations in order, what each group shares, and its units. */
import { useMemo } from "preact/hooks";
import type { AtlasSession } from "../../atlas/session/session.ts";
import { gradientOf, tableFor } from "../../paint/scale.ts";
import { dark } from "../../paint/theme.ts";
import { plural } from "../../paint/words.ts";
import { bytesIn } from "../../panels/pattern/points.ts";
import { ofBytes, Pixels } from "../../ui/pixels.tsx";
import { stepAmong } from "../../ui/roving-focus.ts";
import type { GroupRow, GroupsInfo } from "../../wire/results/groups.ts";
import { ResultHead } from "../head.tsx";
import { Verdict } from "../verdict.tsx";
import { GroupLine } from "./group-line.tsx";
import "./groups.css";

const NOTHING: GroupsInfo = {
  model: "",
  sites: [],
  verdict: "",
  figures: [],
  units: 0,
  groups: [],
  map: "",
  side: 0,
};

export function Groups({ of }: { of: AtlasSession }) {
  const info: GroupsInfo = { ...NOTHING, ...(of.trait("groups_info").value as object | null) };
  const chosen = of.trait("group").value as number | null | undefined;
  const choose = (group: number | null) => of.tell({ group: group === chosen ? null : group });
  const stop = chosen ?? info.groups[0]?.group;
  const chosenRow = info.groups.find(({ group }) => group === chosen);
  return (
    <div class="nw-groups">
      <ResultHead of={of} model={info.model || "model"} />
      <section aria-label="Verdict">
        <Verdict verdict={info.verdict} figures={info.figures} />
      </section>
      {info.groups.length > 0 && (
        <p class="nw-sub">
          Choose a group, in the map or in the list: its units are{" "}
          {of.trait("linked").value === true ? "pinned in the Explorer, and " : ""}
          <span class="nw-mono">view.units</span> in Python.
        </p>
      )}
      <div class="nw-groups-body">
        <CorrelationMap info={info} chosen={chosen ?? null} choose={choose} />
        <ol
          class="nw-result-rows"
          data-nw="groups"
          onKeyDown={(event) => stepAmong(event, "[data-nw=group]")}
        >
          {info.groups.map((row) => (
            <GroupLine
              key={row.group}
              {...{ of, row, choose }}
              chosen={row.group === chosen}
              tab={row.group === stop ? 0 : -1}
            />
          ))}
        </ol>
      </div>
      <span class="nw-said" role="status">
        {chosenRow ? `Group ${chosenRow.group}: ${plural(chosenRow.count, "unit")}` : ""}
      </span>
    </div>
  );
}

type MapProps = { info: GroupsInfo; chosen: number | null; choose: (group: number) => void };

function CorrelationMap({ info, chosen, choose }: MapProps) {
  const isDark = dark.value;
  const { map, side, groups, units } = info;
  const rgba = useMemo(() => ofBytes(bytesIn(map), tableFor({ signed: false }, isDark)), [map, isDark]);
  if (side === 0) return null;
  const pick = (event: MouseEvent & { currentTarget: HTMLElement }) => {
    const box = event.currentTarget.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    const hit = groups.find(({ span: [from, to] }) => x >= from && x < to && y >= from && y < to);
    if (hit) choose(hit.group);
  };
  return (
    <figure class="nw-correlations" data-nw="correlations">
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: keys choose a group in the list beside it. */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keys choose a group in the list beside it. */}
      <div class="nw-correlations-ground" onClick={pick}>
        <span role="img" aria-label={sayMap(groups, units)}>
          <Pixels rgba={rgba} width={side} height={side} class="nw-correlations-cells" />
        </span>
        {groups.map(({ group, span: [from, to] }) => (
          <span
            key={group}
            class={group === chosen ? "nw-group-frame nw-chosen" : "nw-group-frame"}
            style={{
              left: `${100 * from}%`,
              top: `${100 * from}%`,
              width: `${100 * (to - from)}%`,
              height: `${100 * (to - from)}%`,
            }}
          />
        ))}
      </div>
      <figcaption class="nw-sub">
        {plural(units, "unit")} in order of likeness, along both sides.{" "}
        <span class="nw-groups-key">
          |correlation| 0{" "}
          <span class="nw-groups-ramp" style={{ background: gradientOf({ signed: false }, isDark) }} /> 1
        </span>
      </figcaption>
    </figure>
  );
}

function sayMap(groups: readonly GroupRow[], units: number): string {
  const largest = groups.slice(0, 5).map(({ group, count }) => `group ${group} of ${count}`);
  return `Correlations of ${units} units in order: ${plural(groups.length, "group")}; ${largest.join(", ")}`;
}
