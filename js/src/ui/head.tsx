/** Head of a widget: which model, where in it, is it live, and help. */

import { isLive, type Session } from "../session/session.ts";
import type { SiteInfo } from "../wire/traits.ts";
import { EditedPill } from "./edited/pill.tsx";
import { Help, type HelpParts } from "./help.tsx";
import { UnitLine } from "./naming/unit-line.tsx";
import { PinButton } from "./pin.tsx";
import { FullScreen } from "./screen/full-screen.tsx";
import { Status } from "./status.tsx";
import "./layout.css";

export function Head({ session, help }: { session: Session; help: HelpParts }) {
  const catalog = session.catalog.value;
  return (
    <header class="nw-head">
      <span class="nw-model" title={`The model ${catalog.model}`}>
        {catalog.model || "model"}
      </span>
      <EditedPill session={session} />
      <UnitLine of={session}>
        <PinButton session={session} unit={session.unit.value ?? ""} />
      </UnitLine>
      <label class="nw-field">
        Look at{" "}
        <select
          data-nw="site"
          disabled={!isLive(session) || catalog.sites.length === 0}
          value={session.site.value}
          title="The place in the model whose units are shown"
          onChange={(event) => session.setSite(event.currentTarget.value)}
        >
          {groupSites(catalog.sites).map(([group, sites]) => (
            <optgroup key={group} label={group}>
              {sites.map((site) => (
                <option key={site.name} value={site.name}>
                  {site.name} · {site.width.toLocaleString("en")} units
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      </label>
      <div class="nw-head-status">
        <Status session={session} />
      </div>
      <span class="nw-head-buttons">
        <FullScreen />
        <Help parts={help} />
      </span>
    </header>
  );
}

/** Sites by layer, in the order they came. */
function groupSites(sites: SiteInfo[]): [string, SiteInfo[]][] {
  const groups = new Map<string, SiteInfo[]>();
  for (const site of sites) {
    const name = site.layer === null || site.layer < 0 ? "other places" : `layer ${site.layer}`;
    groups.set(name, [...(groups.get(name) ?? []), site]);
  }
  return [...groups];
}
