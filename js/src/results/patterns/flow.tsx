/** Flow of inputs from the patterns of one layer to those of the next: which split, which merge. */
import { dark } from "../../paint/theme.ts";
import { plural } from "../../paint/words.ts";
import { colourFor } from "../../panels/pattern/points.ts";
import { stepAmong } from "../../ui/roving-focus.ts";
import type { PatternsInfo } from "../../wire/results/patterns.ts";
import { called, type PatternStore } from "./store.ts";

const WIDE = 300;
const HIGH = 360;
const GAP = 5;
const POST = 10;

type Post = { pattern: number; inputs: number; top: number; height: number };
type Band = { from: number; to: number; inputs: number; left: number; right: number; height: number };

/** Where posts and bands stand, from the top; `flow` is [from, to, inputs]. */
export function layOut(
  flow: PatternsInfo["flow"],
  left: readonly number[],
  right: readonly number[],
): { left: Post[]; right: Post[]; bands: Band[] } {
  const total = flow.reduce((sum, [, , inputs]) => sum + inputs, 0) || 1;
  const posts = (patterns: readonly number[], side: 0 | 1): Post[] => {
    const free = HIGH - GAP * Math.max(0, patterns.length - 1);
    let top = 0;
    return patterns.map((pattern) => {
      const inputs = flow.reduce((sum, one) => sum + (one[side] === pattern ? one[2] : 0), 0);
      const height = (free * inputs) / total;
      const post = { pattern, inputs, top, height };
      top += height + GAP;
      return post;
    });
  };
  const sides = { left: posts(left, 0), right: posts(right, 1) };
  const tops = [sides.left, sides.right].map((side) => new Map(side.map((one) => [one.pattern, { ...one }])));
  const place = (patterns: readonly number[], pattern: number) => patterns.indexOf(pattern);
  const ordered = [...flow].sort(
    (a, b) => place(left, a[0]) - place(left, b[0]) || place(right, a[1]) - place(right, b[1]),
  );
  const bands = ordered.flatMap(([from, to, inputs]): Band[] => {
    const [start, end] = [tops[0]!.get(from), tops[1]!.get(to)];
    if (!start || !end || inputs <= 0) return [];
    const height = (start.height * inputs) / (flow.reduce((s, f) => s + (f[0] === from ? f[2] : 0), 0) || 1);
    const band = { from, to, inputs, left: start.top, right: end.top, height };
    start.top += height;
    end.top += height;
    return [band];
  });
  return { ...sides, bands };
}

export function Flow({ store }: { store: PatternStore }) {
  const { flow } = store.info.value;
  const [first, second] = store.layers.value;
  if (!first || !second) return null;
  const names = ({ info }: typeof first) => [...info.patterns.map(({ pattern }) => pattern), -1];
  const { left, right, bands } = layOut(flow, names(first), names(second));
  const sites = [first.info.site, second.info.site] as const;
  return (
    <section class="nw-pattern-part" data-nw="flow" aria-label="From layer to layer">
      <h3 class="nw-title">
        From <span class="nw-mono">{sites[0]}</span> to <span class="nw-mono">{sites[1]}</span>
      </h3>
      <p class="nw-sub">A band is as thick as the inputs that two patterns share; a click chooses them.</p>
      {/* biome-ignore lint/a11y/useSemanticElements: a drawing of many parts that can be chosen. */}
      <svg
        class="nw-flow"
        viewBox={`-34 0 ${WIDE + 68} ${HIGH}`}
        role="group"
        aria-label={sayFlow(flow)}
        onKeyDown={(event) => stepAmong(event, "[data-nw=flow-band]")}
      >
        <Bands store={store} bands={bands} sites={sites} />
        <Posts posts={left} x={0} />
        <Posts posts={right} x={WIDE - POST} />
      </svg>
    </section>
  );
}

type BandsProps = { store: PatternStore; bands: readonly Band[]; sites: readonly [string, string] };

function Bands({ store, bands, sites }: BandsProps) {
  const chosen = store.pattern.value;
  const { to } = store.narrowed.value;
  const isChosen = (band: Band) => chosen === band.from && to === band.to;
  const isLit = (band: Band) => (chosen === null || band.from === chosen) && (to === null || band.to === to);
  const stop = Math.max(0, bands.findIndex(isChosen));
  return bands.map((band, i) => (
    // biome-ignore lint/a11y/useSemanticElements: a band of a drawing is no button of HTML.
    <path
      key={`${band.from} ${band.to}`}
      d={ribbon(band)}
      role="button"
      tabindex={i === stop ? 0 : -1}
      data-nw="flow-band"
      aria-pressed={isChosen(band)}
      aria-label={`${plural(band.inputs, "input")}: ${called(band.from)} in ${sites[0]}, ${called(band.to)} in ${sites[1]}`}
      style={{ fill: colourFor(band.from, dark.value), opacity: isLit(band) ? 0.6 : 0.12 }}
      onClick={() => store.chooseBoth(band.from, { to: band.to })}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        store.chooseBoth(band.from, { to: band.to });
      }}
    >
      <title>{`${band.inputs}: ${called(band.from)} → ${called(band.to)}`}</title>
    </path>
  ));
}

function Posts({ posts, x }: { posts: readonly Post[]; x: number }) {
  const isLeft = x === 0;
  return posts.map(({ pattern, top, height }) => (
    <g key={pattern}>
      <rect
        x={x}
        y={top}
        width={POST}
        height={Math.max(1, height)}
        style={{ fill: colourFor(pattern, dark.value) }}
      />
      {height > 7 && (
        <text x={isLeft ? -4 : WIDE + 4} y={top + height / 2} text-anchor={isLeft ? "end" : "start"}>
          {pattern < 0 ? "none" : pattern}
        </text>
      )}
    </g>
  ));
}

function ribbon({ left, right, height }: Band): string {
  const [a, b, m] = [POST, WIDE - POST, WIDE / 2];
  return (
    `M${a} ${left}C${m} ${left} ${m} ${right} ${b} ${right}v${height}` +
    `C${m} ${right + height} ${m} ${left + height} ${a} ${left + height}Z`
  );
}

/** Which patterns split and which merge, in a sentence. */
export function sayFlow(flow: PatternsInfo["flow"]): string {
  const parts = (side: 0 | 1) => {
    const sums = new Map<number, number>();
    for (const one of flow) sums.set(one[side], (sums.get(one[side]) ?? 0) + one[2]);
    const large = flow.filter((one) => one[0] >= 0 && one[1] >= 0 && one[2] >= 0.2 * sums.get(one[side])!);
    const counts = new Map<number, number>();
    for (const one of large) counts.set(one[side], (counts.get(one[side]) ?? 0) + 1);
    return [...counts].filter(([, count]) => count > 1).map(([pattern]) => pattern);
  };
  const say = (patterns: number[], verb: string) =>
    patterns.length === 0 ? `no pattern ${verb}s` : `${patterns.join(", ")} ${verb}`;
  return `${say(parts(0), "split")}, ${say(parts(1), "merge")}`;
}
