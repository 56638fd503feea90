/** The exemplars of a group as a long list: only what is in sight is on the page. One stop for Tab, keys within. */
import type { VNode } from "preact";
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { AtlasSession } from "../../session/session.ts";
import { type Context, contextWindow, linesFor } from "../store/context-window.ts";
import type { ExemplarSettings } from "../store/exemplar-settings.ts";
import type { ExemplarStore } from "../store/exemplar-store.ts";
import type { Listing } from "../store/listing.ts";
import { GROUP_WORDS, sayStratum } from "../store/words.ts";
import { Item, type ItemProps } from "./item.tsx";
import { heightOf, inSight, layOut, type Sizes, scrollTo } from "./layout.ts";
import { Opened, type Use } from "./opened.tsx";
import { type Manner, pick } from "./picks.ts";

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
/** CSS pixels of a monospace character of the list, about; and of what stands beside the text. */
const CHARACTER = 7.3;
const BESIDE = 226;

export function List({ atlas, store, settings, listing, context, height, canUse, use }: ListProps) {
  const box = useRef<HTMLDivElement>(null);
  const name = useId();
  const [width, setWidth] = useState(0);
  const [top, setTop] = useState(0);
  const [active, setActive] = useState(0);
  const [open, setOpen] = useState<number | null>(null);
  const [anchor, setAnchor] = useState<number | null>(null);
  const picked = settings.picked.value;
  const chosen = useMemo(() => new Set(picked), [picked]);

  useLayoutEffect(() => {
    const node = box.current!;
    const measure = () => setWidth(node.clientWidth);
    measure();
    const watcher = new ResizeObserver(measure);
    watcher.observe(node);
    return () => watcher.disconnect();
  }, []);

  const { sizes, lead } = useMemo(() => lookOf(listing, context, width), [listing, context, width]);
  const { line, perLine } = sizes;
  const items = useMemo(
    () => layOut(listing.total, listing.strata, open, { line, perLine, head: 26, open: OPEN[listing.input] }),
    [listing.total, listing.strata, listing.input, open, line, perLine],
  );
  const seen = inSight(items, top, top + height + STEP);
  const lines = seen.flatMap((item) => (item.kind === "line" ? [item] : []));
  const from = lines[0]?.first ?? 0;
  const to = lines.at(-1)?.last ?? 0;
  useEffect(() => store.want(from, to, AHEAD), [store, listing, from, to]);

  // What was opened comes into sight with all of it.
  useLayoutEffect(() => {
    const item = items.find(({ kind }) => kind === "open");
    const node = box.current!;
    if (item && item.top + item.height > node.scrollTop + node.clientHeight)
      node.scrollTop = item.top + item.height - node.clientHeight;
  }, [open]);

  const keyAt = (place: number) => listing.rows[place]?.key;
  const setPicked = (keys: readonly number[]) => settings.setPicked(listing.unit, keys);
  const choose = (place: number, manner: Manner) => {
    setActive(place);
    const after = pick({ picked, anchor }, place, manner, keyAt);
    setAnchor(after.anchor);
    setPicked(after.picked);
  };
  const goTo = (place: number, reach: boolean) => {
    const next = Math.min(listing.total - 1, Math.max(0, place));
    setActive(next);
    const to = scrollTo(items, next, box.current!.scrollTop, box.current!.clientHeight);
    if (to !== null) box.current!.scrollTop = to;
    if (reach) {
      const start = anchor ?? active;
      const after = pick({ picked, anchor: start }, next, { toggle: false, reach: true }, keyAt);
      setAnchor(start);
      setPicked(after.picked);
    }
  };
  const toggleOpen = (place: number) => {
    setActive(place);
    setOpen(open === place ? null : place);
    if (open === place) box.current!.focus({ preventScroll: true });
  };

  const onClick = (event: MouseEvent) => {
    const target = event.target as Element;
    const place = Number(target.closest<HTMLElement>("[data-nw=exemplar]")?.dataset.place ?? Number.NaN);
    const row = listing.rows[place];
    if (!row) return;
    // A button that was clicked has taken the focus: keys are for the list.
    box.current!.focus({ preventScroll: true });
    if (target.closest("[data-nw=exemplar-use]")) use(row);
    else if (target.closest("[data-nw=exemplar-open]") || event.detail === 2) toggleOpen(place);
    else choose(place, { toggle: event.ctrlKey || event.metaKey, reach: event.shiftKey });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== box.current) return;
    const page = Math.max(1, Math.floor(height / line) - 1) * perLine;
    const steps: Record<string, number> = {
      ArrowDown: perLine,
      ArrowUp: -perLine,
      ArrowRight: perLine > 1 ? 1 : 0,
      ArrowLeft: perLine > 1 ? -1 : 0,
      PageDown: page,
      PageUp: -page,
      Home: -listing.total,
      End: listing.total,
    };
    const control = event.ctrlKey || event.metaKey;
    const row = listing.rows[active];
    if (steps[event.key]) goTo(active + steps[event.key]!, event.shiftKey);
    else if (event.key === " ") choose(active, { toggle: true, reach: event.shiftKey });
    else if (event.key === "Enter") toggleOpen(active);
    else if (event.key === "Escape" && (open !== null || picked.length > 0)) {
      if (open !== null) setOpen(null);
      else setPicked([]);
    } else if (event.key.toLowerCase() === "a" && control) {
      setPicked(listing.rows.flatMap((one) => (one ? [one.key] : [])));
    } else if (event.key.toLowerCase() === "e" && !control && canUse && row) use(row);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const drawn = useDrawn();
  const rowId = (place: number) => `${name}-${place}`;
  const isDrawn = lines.some(({ first, last }) => active >= first && active < last);
  const grid = {
    role: "grid",
    tabIndex: 0,
    "aria-label": `${GROUP_WORDS[listing.group][0]} exemplars of ${listing.unit}`,
    "aria-description": HELP,
    "aria-multiselectable": true,
    "aria-rowcount": listing.total,
    "aria-activedescendant": isDrawn ? rowId(active) : undefined,
    onClick,
    onKeyDown,
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
        {seen.map((item) => {
          const place = { top: `${item.top}px`, height: `${item.height}px` };
          if (item.kind === "head")
            return (
              <div key={`head ${item.stratum.stratum}`} class="nw-ex-head" role="presentation" style={place}>
                {sayStratum(listing.group, item.stratum)}
              </div>
            );
          if (item.kind === "open") {
            const row = listing.rows[item.place];
            return (
              <div key="open" class="nw-ex-open" role="presentation" style={place}>
                {row && (
                  <Opened
                    key={row.key}
                    atlas={atlas}
                    listing={listing}
                    exemplar={row}
                    use={use}
                    close={() => toggleOpen(item.place)}
                  />
                )}
              </div>
            );
          }
          return (
            <div key={item.first} class="nw-ex-line" role="presentation" style={place}>
              {listing.rows.slice(item.first, item.last).map((row, i) => {
                const at = item.first + i;
                const basis = { flexBasis: `${100 / perLine}%` };
                if (!row)
                  return <div key={at} class="nw-ex-item nw-ex-coming" role="presentation" style={basis} />;
                return drawn(row.key, {
                  ...{ listing, context, lead, canUse },
                  exemplar: row,
                  place: at,
                  basis: basis.flexBasis,
                  id: rowId(at),
                  active: at === active,
                  picked: chosen.has(row.key),
                  isOpen: at === open,
                });
              })}
            </div>
          );
        })}
      </div>
    </div>
  );
}

const OPEN = { text: 260, image: 290, table: 260 };

/** Items by key, the same object as long as nothing about it is another: it is not drawn anew then. */
function useDrawn(): (key: number, props: ItemProps) => VNode {
  const kept = useRef(new Map<number, { props: ItemProps; node: VNode }>());
  return (key, props) => {
    const before = kept.current.get(key);
    if (
      before &&
      (Object.keys(props) as (keyof ItemProps)[]).every((name) => props[name] === before.props[name])
    )
      return before.node;
    const node = <Item key={key} {...props} />;
    kept.current.set(key, { props, node });
    return node;
  };
}

type Look = {
  sizes: Pick<Sizes, "line" | "perLine">;
  /** Characters before the peak, so that the peaks stand below each other; null: the texts run over several lines. */
  lead: number | null;
};

function lookOf(listing: Listing, context: Context, width: number): Look {
  if (listing.input === "image") {
    const perLine = Math.max(1, Math.floor((width || 600) / 180));
    return { sizes: { line: 128, perLine }, lead: null };
  }
  if (listing.input === "table") return { sizes: { line: 46, perLine: 1 }, lead: null };
  let before = 0;
  let after = 0;
  let longest = 0;
  for (const row of listing.rows) {
    if (!row) continue;
    const [first, last] = contextWindow(row.pieces.length, row.peak, context);
    const [lead, rest] = [lengthOf(row.pieces, first, row.peak), lengthOf(row.pieces, row.peak, last)];
    before = Math.max(before, lead);
    after = Math.max(after, rest);
    longest = Math.max(longest, lead + rest);
  }
  const room = width - BESIDE;
  if (context !== "full" || linesFor(before + after, room, CHARACTER) === 1)
    return { sizes: { line: 30, perLine: 1 }, lead: before };
  return { sizes: { line: 10 + 20 * linesFor(longest, room, CHARACTER), perLine: 1 }, lead: null };
}

function lengthOf(pieces: readonly string[], first: number, last: number): number {
  let length = 0;
  for (let i = first; i < last; i++) length += Math.max(1, pieces[i]!.length);
  return length;
}
