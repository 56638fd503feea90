/** A group of units: what they share, how alike they are, and which they are. A click pins them in the Explorer. */
import { useMemo } from "preact/hooks";
import { SwitchOff } from "../../atlas/card/switch-off.tsx";
import type { AtlasSession } from "../../atlas/session/session.ts";
import { glyphs, plural, visible } from "../../paint/words.ts";
import { bytesIn } from "../../panels/pattern/points.ts";
import { isLive } from "../../session/session.ts";
import { Bar } from "../../ui/bar.tsx";
import { Called } from "../../ui/naming/unit-name.tsx";
import { ofRgb, Pixels } from "../../ui/pixels.tsx";
import { moveFocus } from "../../ui/roving-focus.ts";
import type { GroupExemplar, GroupRow } from "../../wire/results/groups.ts";

type LineProps = {
  of: AtlasSession;
  row: GroupRow;
  chosen: boolean;
  tab: 0 | -1;
  choose: (group: number) => void;
};

export function GroupLine({ of, row, chosen, tab, choose }: LineProps) {
  const { group, count, units, correlation, low, high, stands, shared, exemplars } = row;
  const linked = of.trait("linked").value === true;
  const ends = low !== null && high !== null ? `${low.toFixed(2)} to ${high.toFixed(2)}` : "";
  return (
    <li class={`nw-result-row nw-group-line${chosen ? " nw-open" : ""}`} data-group={group}>
      <button
        type="button"
        class="nw-result-head"
        data-nw="group"
        tabIndex={tab}
        aria-pressed={chosen}
        disabled={!isLive(of)}
        title={chosen ? "Let go of its units" : linked ? "Pin its units in the Explorer" : "Show its units"}
        onClick={() => choose(group)}
      >
        <b>group {group}</b>
        <span>{plural(count, "unit")}</span>
        {correlation !== null && (
          <span class="nw-group-likeness" title={`mean |correlation| on the other half of the data: ${ends}`}>
            <span class="nw-soft">alike</span> <Bar share={correlation} /> {correlation.toFixed(2)}
          </span>
        )}
        {shared !== "" && (
          <span title="What the strongest inputs of its units have in common">
            <span class="nw-soft">shared</span> <b class="nw-group-shared">{glyphs(shared)}</b>
          </span>
        )}
        {!stands && <span class="nw-group-chance">no tighter than chance</span>}
      </button>
      {exemplars.length > 0 && (
        <div class="nw-group-exemplars">
          {exemplars.map((one) => (
            <Exemplar key={one.name} one={one} of={count} />
          ))}
        </div>
      )}
      {chosen && (
        // biome-ignore lint/a11y/noStaticElementInteractions: arrows go from unit to unit.
        <div class="nw-group-units" onKeyDown={moveFocus}>
          {units.map((unit, i) => (
            <button
              key={unit}
              type="button"
              class="nw-link nw-mono"
              data-nw="group-unit"
              tabIndex={i === 0 ? 0 : -1}
              aria-pressed={of.unit.value === unit}
              onClick={() => of.setUnit(unit)}
            >
              <Called labels={of.labels.value} unit={unit} />
            </button>
          ))}
          {units.length < count && <span class="nw-soft">and {count - units.length} more</span>}
        </div>
      )}
      {chosen && (
        <SwitchOff of={of} units={units} code={`nw.effect(live, inputs, view.groups.edits(${group}))`} />
      )}
    </li>
  );
}

function Exemplar({
  one: { name, units, pieces, peak, image, words },
  of,
}: {
  one: GroupExemplar;
  of: number;
}) {
  const rgba = useMemo(() => image && ofRgb(bytesIn(image.rgb)), [image]);
  const title = `${name}: among the strongest of ${units} of ${of} units`;
  if (image && rgba)
    return (
      <span role="img" aria-label={title} title={title}>
        <Pixels rgba={rgba} width={image.width} height={image.height} class="nw-group-picture" />
      </span>
    );
  if (pieces)
    return (
      <span class="nw-mono nw-group-text" title={title}>
        {pieces.map((piece, i) => (i === peak ? <mark key={i}>{visible(piece)}</mark> : visible(piece)))}
      </span>
    );
  return (
    <span class="nw-group-text" title={title}>
      {words ?? name}
    </span>
  );
}
