/** Colours of a live view whose ends are those of the data set, so that they mean the same while one types. */
import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Session } from "../../session/session.ts";
import { type Frame, shownPass } from "../../wire/frame.ts";
import type { Scale } from "../../wire/protocol.ts";
import type { Card } from "../card/present-value.ts";

type Ends = [number, number];

export interface DataScale {
  /** Are the ends those of the data set? */
  readonly on: Signal<boolean>;
  /** The session with frames on that scale: the unit's own ends for the text, the site's for the map. */
  readonly session: Session;
  close(): void;
}

/**
 * Round ends around what was seen, the same that exemplars have: zero-centred where values lie on both sides; null where
 * all are zero.
 */
export function dataEnds(low: number | null, high: number | null): Ends | null {
  const most = Math.max(Math.abs(low ?? 0), Math.abs(high ?? 0));
  if (!(most > 1e-37) || most >= 1e37) return null;
  const power = 10 ** Math.floor(Math.log10(most));
  const step = STEPS.find((one) => most <= one * power * (1 + 1e-6)) ?? 10;
  const end = Number((step * power).toPrecision(6));
  return [(low ?? 0) < 0 ? -end : 0, end];
}

const STEPS = [1, 1.5, 2, 3, 5, 7.5, 10];

export function createDataScale(live: Session, card: ReadonlySignal<Card | null>): DataScale {
  const on = signal(true);
  /** The sites that were pinned here, to which ends: what a person changes afterwards is the person's. */
  const ours = new Map<string, Ends>();
  const stop = effect(() => {
    const seen = card.value;
    if (!on.value) {
      release(live, ours);
    } else if (seen) {
      const site = seen.unit.slice(0, seen.unit.lastIndexOf(":"));
      const ends = dataEnds(...seen.site);
      const { pinned } = live.view.peek();
      if (ends && !ours.has(site)) {
        ours.set(site, ends);
        if (!pinned[site]) live.setView({ pinned: { ...pinned, [site]: ends } });
      }
    }
  });
  const frame = computed(() => {
    const frame = live.frame.value;
    // A change is no value: the ends of the data set say nothing of it.
    return frame && on.value && shownPass(frame) !== "difference" ? withEnds(frame, card.value, ours) : frame;
  });
  return { on, session: { ...live, frame }, close: stop };
}

function release(live: Session, ours: Map<string, Ends>): void {
  const { pinned } = live.view.peek();
  const others = Object.entries(pinned).filter(([site, ends]) => !same(ours.get(site), ends));
  ours.clear();
  if (others.length < Object.keys(pinned).length) live.setView({ pinned: Object.fromEntries(others) });
}

function same(a: Ends | undefined, b: Ends): boolean {
  return a !== undefined && a[0] === b[0] && a[1] === b[1];
}

function withEnds(frame: Frame, card: Card | null, ours: Map<string, Ends>): Frame {
  const { head, parts } = frame;
  const { trace, map } = parts;
  const ends = card && card.unit === head.unit ? dataEnds(card.min, card.max) : null;
  const of = (own: Scale): Scale =>
    own.pinned && same(ours.get(head.site), [own.lo, own.hi]) ? { ...own, over: "data" } : own;
  const scale = trace?.scale && (ends ? { ...trace.scale, ...scaleOf(ends) } : of(trace.scale));
  return {
    ...frame,
    parts: {
      ...parts,
      ...(trace && {
        trace: { ...trace, scale: scale ?? null, ...(trace.siteScale && { siteScale: of(trace.siteScale) }) },
      }),
      ...(map && { map: { ...map, scale: of(map.scale) } }),
    },
  };
}

const scaleOf = ([lo, hi]: Ends) => ({
  lo,
  hi,
  knee: hi * 1e-3,
  signed: lo < 0,
  pinned: true,
  over: "data" as const,
});
