/** The exemplars of a group as a long list: only what is in sight is on the page. One stop for Tab, keys within. */
import type { VNode } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Listing } from "../../../kinds/exemplars.ts";
import { faceOf } from "../../../kinds/registry.ts";
import { useUniqueId } from "../../../ui/hooks/unique-id.ts";
import type { Context } from "../../../wire/shared.ts";
import type { AtlasSession } from "../../session/session.ts";
import type { ExemplarSettings } from "../store/exemplar-settings.ts";
import type { ExemplarStore } from "../store/exemplar-store.ts";
import { GROUP_WORDS, sayStratum } from "../store/words.ts";
import { Item, type ItemProps } from "./item.tsx";
import { heightOf, inSight, layOut, type Item as Place } from "./layout.ts";
import { ListController } from "./list-controller.ts";
import { Opened, type Use } from "./opened.tsx";

type ListProps = {
  atlas: AtlasSession;
  store: ExemplarStore;
  settings: ExemplarSettings;
  listing: Listing;
  context: Context;
  height: number;
  canUse: boolean;
  use: Use;
};

const HELP =
  "Arrow keys move, Space picks, Shift reaches, Control and A picks all, Enter opens the document, E puts what is shown in the editor.";
/** The list is drawn anew whenever it was scrolled by so many pixels. */
const STEP = 90;
/** So many places beyond those in sight are asked for before they are needed. */
const AHEAD = 60;

export function List({ atlas, store, settings, listing, context, height, canUse, use }: ListProps) {
  const box = useRef<HTMLDivElement>(null);
  const name = useUniqueId();
  const [width, setWidth] = useState(0);
  const [top, setTop] = useState(0);
  const controller = useMemo(() => new ListController(settings), [settings]);
  const face = faceOf(listing.input);
  const active = controller.active.value;
  const open = controller.open.value;
  const picked = settings.picked.value;
  const chosen = useMemo(() => new Set(picked), [picked]);

  useLayoutEffect(() => {
    const node = box.current!;
    controller.attach(node);
    const measure = () => setWidth(node.clientWidth);
    measure();
    const watcher = new ResizeObserver(measure);
    watcher.observe(node);
    return () => watcher.disconnect();
  }, [controller]);

  const { sizes, lead, room } = useMemo(
    () => face.look(listing, context, width),
    [face, listing, context, width],
  );
  const { line, perLine } = sizes;
  const items = useMemo(
    () => layOut(listing.total, listing.strata, open, { line, perLine, head: 26, open: face.openHeight }),
    [listing.total, listing.strata, face, open, line, perLine],
  );
  controller.draw({ listing, items, height, line, perLine, canUse, use });
  const seen = inSight(items, top, top + height + STEP);
  const lines = seen.flatMap((item) => (item.kind === "line" ? [item] : []));
  const from = lines[0]?.first ?? 0;
  const to = lines.at(-1)?.last ?? 0;
  useEffect(() => store.want(from, to, AHEAD), [store, listing, from, to]);
  useLayoutEffect(() => controller.revealOpen(), [open]);

  const drawn = useDrawn();
  const rowId = (place: number) => `${name}-${place}`;
  const isDrawn = lines.some(({ first, last }) => active >= first && active < last);
  const itemAt = (place: number) => {
    const row = listing.rows[place];
    const basis = `${100 / perLine}%`;
    if (!row)
      return (
        <div key={place} class="nw-ex-item nw-ex-coming" role="presentation" style={{ flexBasis: basis }} />
      );
    return drawn(row.key, {
      ...{ listing, context, lead, room, canUse, place, basis },
      exemplar: row,
      id: rowId(place),
      active: place === active,
      picked: chosen.has(row.key),
      isOpen: place === open,
    });
  };
  const openedAt = (place: number) => {
    const row = listing.rows[place];
    const close = () => controller.toggleOpen(place);
    return row && <Opened key={row.key} exemplar={row} {...{ atlas, listing, use, close }} />;
  };
  const grid = {
    role: "grid",
    tabIndex: 0,
    "aria-label": `${GROUP_WORDS[listing.group][0]} exemplars of ${listing.unit}`,
    "aria-description": HELP,
    "aria-multiselectable": true,
    "aria-rowcount": listing.total,
    "aria-activedescendant": isDrawn ? rowId(active) : undefined,
    onClick: (event: MouseEvent) => controller.click(event),
    onKeyDown: (event: KeyboardEvent) => controller.key(event),
  } as const;
  return (
    <div
      ref={box}
      class="nw-ex-list"
      data-nw="exemplar-list"
      {...grid}
      style={{ maxHeight: `${height}px` }}
      onScroll={(event) => setTop(Math.floor(event.currentTarget.scrollTop / STEP) * STEP)}
    >
      <div class="nw-ex-canvas" role="presentation" style={{ height: `${heightOf(items)}px` }}>
        {seen.map((item) => (
          <div key={keyOf(item)} class={`nw-ex-${item.kind}`} role="presentation" style={placeOf(item)}>
            {item.kind === "head" && sayStratum(listing.group, item.stratum, strataOf(listing))}
            {item.kind === "open" && openedAt(item.place)}
            {item.kind === "line" &&
              Array.from({ length: item.last - item.first }, (_, i) => itemAt(item.first + i))}
          </div>
        ))}
      </div>
    </div>
  );
}

/** Intervals are all listed, the highest first; of fifths one without exemplars may be missing. */
const strataOf = ({ group, strata }: Listing): number => (group === "intervals" ? strata[0]!.stratum + 1 : 5);

const placeOf = ({ top, height }: Place) => ({ top: `${top}px`, height: `${height}px` });

const keyOf = (item: Place): string | number =>
  item.kind === "line" ? item.first : item.kind === "head" ? `head ${item.stratum.stratum}` : "open";

/** Items by key, the same object as long as nothing about it is another: it is not drawn anew then. */
function useDrawn(): (key: number, props: ItemProps) => VNode {
  const nodes = useRef(new Map<number, { props: ItemProps; node: VNode }>());
  return (key, props) => {
    const before = nodes.current.get(key);
    if (
      before &&
      (Object.keys(props) as (keyof ItemProps)[]).every((name) => props[name] === before.props[name])
    )
      return before.node;
    const node = <Item key={key} {...props} />;
    nodes.current.set(key, { props, node });
    return node;
  };
}
