/** Panel of tiles: the strongest units of the site as small pictures, strongest first; below them the pinned ones. */
import { useMemo } from "preact/hooks";
import { formatExact, formatValue } from "../../paint/scale.ts";
import { labelOf } from "../../session/labels.ts";
import { isLive, type Session } from "../../session/session.ts";
import { Called, sayUnit } from "../../ui/naming/unit-name.tsx";
import { useNeed } from "../../ui/need.ts";
import { PinButton } from "../../ui/pin.tsx";
import { mapTable, ofBytes, ofValues, Pixels, type Rgba } from "../../ui/pixels.tsx";
import { moveFocus, stopAt } from "../../ui/roving-focus.ts";
import type { UnitName } from "../../wire/protocol.ts";
import { OrProblem } from "../panel-problem.tsx";
import { type Grid, pinGrid, pinValues, siteGrid, siteScale } from "../trace/wire.ts";
import { tilesOf } from "./wire.ts";

const COUNT = 24;
const SIDE = 64;

export function Tiles({ session }: { session: Session }) {
  useNeed(session, "tiles", { count: COUNT, height: SIDE, width: SIDE });
  const frame = session.frame.value;
  const tiles = useMemo(() => tilesOf(frame), [frame]);
  const scale = frame && siteScale(frame);
  const table = scale && mapTable(scale);
  const site = frame?.head.site ?? "";
  const pictures = useMemo(() => {
    if (!tiles || !table) return [];
    const cells = tiles.rows * tiles.cols;
    return Array.from(tiles.units, (unit, i) => ({
      name: `${site}:${unit}`,
      label: `:${unit}`,
      rgba: ofBytes(tiles.cells.subarray(i * cells, (i + 1) * cells), table),
      value: tiles.values[i]!,
    }));
  }, [tiles, table, site]);
  if (!tiles || !table || !siteGrid(frame!)) {
    return (
      <OrProblem session={session} of="tiles">
        <p class="nw-empty" data-nw="tiles">
          {frame?.parts.trace && !siteGrid(frame)
            ? `The units of ${site} have no places in the picture: each is one number, in the list of strongest units. To see maps, look at a convolution (“Look at”, at the top).`
            : "The maps of the strongest units appear here with the first answer of the model."}
        </p>
      </OrProblem>
    );
  }
  const stop = stopAt(
    pictures.map(({ name }) => name),
    session.unit.value,
  );
  return (
    // biome-ignore lint/a11y/useSemanticElements: buttons that belong together, not fields.
    <div
      class="nw-tiles"
      data-nw="tiles"
      role="group"
      aria-label={`Strongest units of ${site}`}
      onKeyDown={moveFocus}
    >
      {pictures.map((picture, i) => (
        <Tile
          key={i}
          session={session}
          {...picture}
          grid={[tiles.rows, tiles.cols]}
          tab={i === stop ? 0 : -1}
        />
      ))}
    </div>
  );
}

type TileProps = {
  session: Session;
  name: UnitName;
  /** What stands below where the unit has no name: as much of it as is not plain. */
  label: string;
  rgba: Rgba;
  grid: Grid;
  value: number;
  tab: number;
};

function Tile({ session, name, label, rgba, grid, value, tab }: TileProps) {
  const labels = session.labels.value;
  const says = sayUnit(labels, name);
  const { words } = labelOf(labels, name);
  return (
    <button
      type="button"
      class="nw-tile"
      data-unit={name}
      tabIndex={tab}
      aria-pressed={session.unit.value === name}
      aria-label={`${says}, strongest value ${formatValue(value)}`}
      title={`Lay ${says} over the picture (strongest value ${formatExact(value)})`}
      disabled={!isLive(session)}
      onClick={() => session.setUnit(name)}
    >
      <Pixels rgba={rgba} width={grid[1]} height={grid[0]} class="nw-thumb" />
      <span class="nw-tile-name">
        {words === "" ? <span class="nw-mono">{label}</span> : <Called labels={labels} unit={name} alone />}
      </span>{" "}
      {formatValue(value)}
    </button>
  );
}

/** Pinned units of any site, each on its own scale. */
export function Pinned({ session }: { session: Session }) {
  const frame = session.frame.value;
  const pins = frame ? pinValues(frame) : [];
  if (!frame || pins.length === 0) return null;
  return (
    // biome-ignore lint/a11y/useSemanticElements: buttons that belong together, not fields.
    <div class="nw-tiles" data-nw="traces" role="group" aria-label="Pinned units">
      {pins.map((values, i) => {
        const name = frame.head.pins[i]!;
        const scale = frame.parts.trace?.pinScales[i];
        if (!values || !scale) return null;
        const rgba = ofValues(values, scale, mapTable(scale));
        const peak = values.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
        return (
          <span key={name} class="nw-pinned">
            <Tile
              {...{ session, name, rgba }}
              label={name}
              grid={pinGrid(frame, i) ?? [1, values.length]}
              value={peak}
              tab={0}
            />
            <PinButton session={session} unit={name} />
          </span>
        );
      })}
    </div>
  );
}
