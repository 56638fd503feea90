/** Picture of all units: effect against certainty, those that pass in the hue of their group, chance behind them. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { dark } from "../../paint/theme.ts";
import { plural } from "../../paint/words.ts";
import type { ComparisonInfo } from "../../wire/results/comparison.ts";
import { useSize } from "../points/size.ts";
import { beside, nearest, type Spot, WAYS } from "../points/steps.ts";
import { sayInterval } from "../units/effect-bar.tsx";
import type { ComparisonStore } from "./store.ts";
import { Axes, Legend } from "./volcano-axes.tsx";
import { Names, Ring, Tip } from "./volcano-marks.tsx";
import { paintBehind, paintUnits } from "./volcano-paint.ts";

export function Volcano({ store }: { store: ComparisonStore }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useSize(canvas);
  usePainted(canvas, store, size);
  const info = store.info.value;
  const points = store.points.value;
  const spotOf = (event: MouseEvent): Spot => {
    const box = canvas.current!.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };
  return (
    <figure class="nw-volcano" data-nw="volcano">
      <figcaption class="nw-sub">
        Each point is a unit: to the sides how much it differs, on inputs that had no part in finding it; up
        how sure that it differs at all.
      </figcaption>
      <div class="nw-volcano-ground">
        {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: one focusable picture with its own keys. */}
        <canvas
          ref={canvas}
          tabIndex={0}
          role="application"
          aria-roledescription="picture of units"
          aria-label={sayPicture(info)}
          onKeyDown={(event) => {
            if (event.ctrlKey || event.metaKey || event.altKey || !press(store, event.key)) return;
            event.preventDefault();
            if (event.key === "Escape") event.stopPropagation();
          }}
          onPointerMove={(event) => {
            store.pointed.value = nearest(points, spotOf(event), size);
          }}
          onClick={(event) => {
            const at = nearest(points, spotOf(event), size);
            if (at !== null) store.choose(points.unit(at));
          }}
          onPointerLeave={() => {
            store.pointed.value = null;
          }}
          onBlur={() => {
            store.pointed.value = null;
          }}
        />
        <Axes info={info} />
        <Names store={store} size={size} />
        <Ring store={store} at={store.chosen.value} kind="nw-volcano-chosen" />
        <Ring store={store} at={store.pointed.value} kind="nw-volcano-pointed" />
        <Tip store={store} size={size} />
      </div>
      <Legend store={store} />
    </figure>
  );
}

/** The text alternative: what a person sees at first, and which keys there are. */
function sayPicture({ searched, drawn, units, groups, level }: ComparisonInfo): string {
  const passed = units.rows.filter((row) => row.found);
  const [best] = passed;
  const some = drawn < searched ? ` (${drawn} of them drawn)` : "";
  const passing =
    best === undefined
      ? `none passes q ≤ ${level}`
      : `${passed.length < units.rows.length ? passed.length : `${passed.length} or more`} pass q ≤ ${level}, the best is ${best.unit} with ${sayInterval(best, units)}`;
  return `${plural(searched, "unit")}${some} of ${groups.map(([name]) => name).join(" and ")}: ${passing}. Arrow keys go from unit to unit, Enter chooses, Escape lets go. The table below has the same.`;
}

/** True where the key means something here. */
function press(store: ComparisonStore, key: string): boolean {
  const { pointed, points, chosen } = store;
  const at = pointed.peek();
  const way = WAYS[key];
  const all = points.peek();
  const from = at ?? chosen.peek();
  if (way && all.count > 0) pointed.value = from === null ? 0 : beside(all, from, way);
  else if ((key === "Enter" || key === " ") && at !== null) store.choose(all.unit(at));
  else if (key === "Escape" && at !== null) pointed.value = null;
  else return false;
  return true;
}

function usePainted(
  canvas: { current: HTMLCanvasElement | null },
  store: ComparisonStore,
  [width, height]: Spot,
): void {
  const points = store.points.value;
  const places = store.places.value;
  const isDark = dark.value;
  useLayoutEffect(() => {
    const node = canvas.current!;
    const sharp = globalThis.devicePixelRatio || 1;
    const pen = node.getContext("2d");
    if (!pen || width === 0) return;
    node.width = width * sharp;
    node.height = height * sharp;
    pen.setTransform(sharp, 0, 0, sharp, 0, 0);
    pen.clearRect(0, 0, width, height);
    paintBehind(pen, places, [width, height], isDark);
    paintUnits(pen, points, [width, height], isDark);
  }, [points, places, width, height, isDark]);
}
