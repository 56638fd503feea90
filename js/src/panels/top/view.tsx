/** Panel of units: those of the site that are strongest at the token, with exact values. */
import { colourOf, formatExact, formatValue } from "../../paint/scale.ts";
import { dark } from "../../paint/theme.ts";
import { tokenGlyphs } from "../../paint/words.ts";
import { isLive, type Session } from "../../session/session.ts";
import { Bar } from "../../ui/bar.tsx";
import { Called, sayUnit } from "../../ui/naming/unit-name.tsx";
import { useNeed } from "../../ui/need.ts";
import { PinButton } from "../../ui/pin.tsx";
import { moveFocus, stopAt } from "../../ui/roving-focus.ts";
import { shownPass } from "../../wire/frame.ts";
import type { Scale } from "../../wire/protocol.ts";
import { OrProblem } from "../panel-problem.tsx";
import { siteScale } from "../trace/wire.ts";
import { topOf } from "./wire.ts";

const COUNT = 12;

export function Units({ session }: { session: Session }) {
  useNeed(session, "top", { most: COUNT });
  const frame = session.frame.value;
  const token = frame?.head.token ?? null;
  const top = topOf(frame);
  const site = frame?.head.site ?? session.site.value;
  const names = Array.from(top?.units ?? [], (unit) => `${site}:${unit}`);
  const stop = stopAt(names, session.unit.value);
  let most = 0;
  for (const value of top?.values ?? []) if (Number.isFinite(value)) most = Math.max(most, Math.abs(value));
  return (
    <section class="nw-panel nw-units nw-keeps" aria-label="Strongest units here">
      <h3 class="nw-title">
        {frame && shownPass(frame) === "difference" ? "Changed most here" : "Strongest units here"}
      </h3>
      <p class="nw-sub">
        in <span class="nw-mono">{site}</span>
        {frame !== null && token !== null && (
          <>
            {" "}
            at token {token} <span class="nw-mono nw-token">{tokenGlyphs(frame, token)}</span>
          </>
        )}
      </p>
      {frame !== null && top && top.units.length > 0 ? (
        <ol class="nw-bars" data-nw="units" onKeyDown={moveFocus}>
          {names.map((name, i) => (
            <UnitRow
              key={i}
              session={session}
              name={name}
              tab={i === stop ? 0 : -1}
              value={top.values[i]!}
              was={top.before?.[i] ?? null}
              most={most}
              scale={frame.parts.map?.scale ?? siteScale(frame)}
            />
          ))}
        </ol>
      ) : (
        <OrProblem session={session} of="top">
          <p class="nw-empty" data-nw="units">
            {session.kind.words.noUnits}
          </p>
        </OrProblem>
      )}
    </section>
  );
}

type UnitRowProps = {
  session: Session;
  name: string;
  tab: number;
  value: number;
  /** In the model before its edits. */
  was: number | null;
  most: number;
  scale: Scale | null;
};

function UnitRow({ session, name, tab, value, was, most, scale }: UnitRowProps) {
  const chosen = session.unit.value === name;
  const labels = session.labels.value;
  const share = most > 0 && Number.isFinite(value) ? Math.abs(value) / most : 0;
  return (
    <li class={chosen ? "nw-bar-row nw-chosen" : "nw-bar-row"} data-unit={name}>
      <button
        type="button"
        class="nw-unit-button"
        tabIndex={tab}
        aria-pressed={chosen}
        disabled={!isLive(session)}
        title={`Follow ${sayUnit(labels, name)} (${was === null ? "" : `${formatExact(was)} → `}${formatExact(value)})`}
        onClick={() => session.setUnit(name)}
      >
        <span class="nw-mono nw-bar-name nw-cut-first">
          <Called labels={labels} unit={name} />
        </span>
        <Bar
          share={share}
          was={was === null ? null : Math.min(1, Math.abs(was) / most)}
          colour={scale ? colourOf(value, scale, session.kind.darkGround ?? dark.value) : undefined}
        />
        <span class="nw-number">{formatValue(value)}</span>
      </button>
      <PinButton session={session} unit={name} tab={-1} />
    </li>
  );
}
