/** Map of all inputs in two dimensions, coloured by pattern; the present input lies in it. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { dark } from "../../paint/theme.ts";
import { plural } from "../../paint/words.ts";
import { EDGE, type Points, paintPoints, placeOf } from "../../panels/pattern/points.ts";
import { useSize } from "../points/size.ts";
import type { Spot } from "../points/steps.ts";
import { MapController } from "./map-controller.ts";
import { Member, useMember } from "./member-tip.tsx";
import { called, type Layer, type PatternStore } from "./store.ts";

export function InputMap({ store, number }: { store: PatternStore; number: number }) {
  const layer = store.layers.value[number]!;
  const canvas = useRef<HTMLCanvasElement>(null);
  const control = useMemo(() => new MapController(store, number), [store, number]);
  const size = useSize(canvas);
  const [drawn, draw] = useState<readonly [Spot, Spot] | null>(null);
  usePainted(canvas, store, layer, number, size);
  const inner: Spot = [size[0] - 2 * EDGE, size[1] - 2 * EDGE];
  const spotOf = (event: PointerEvent): Spot => {
    const box = canvas.current!.getBoundingClientRect();
    return [(event.clientX - box.left - EDGE) / inner[0], (event.clientY - box.top - EDGE) / inner[1]];
  };
  const { info } = layer;
  const mask = store.mask.value;
  return (
    <figure class="nw-map-of-inputs" data-nw="pattern-map" data-layer={number}>
      <figcaption class="nw-sub">{info.map} Drag over inputs to choose them.</figcaption>
      <div class="nw-map-ground">
        {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: one focusable picture with its own keys. */}
        <canvas
          ref={canvas}
          tabIndex={0}
          role="application"
          aria-roledescription="map of inputs"
          aria-label={`${plural(layer.points.x.length, "input")} of ${info.site}, ${plural(info.patterns.length, "pattern")}, ${info.none} in no pattern${mask ? `; ${store.count()} chosen` : ""}. Arrow keys go from input to input, Enter chooses its pattern, o opens it in the editor, Escape lets go.`}
          onKeyDown={(event) => {
            if (event.ctrlKey || event.metaKey || event.altKey || !control.key(event.key)) return;
            event.preventDefault();
            if (event.key === "Escape") event.stopPropagation();
          }}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture?.(event.pointerId);
            control.down(spotOf(event));
          }}
          onPointerMove={(event) => {
            draw(control.drawn(spotOf(event), inner));
            store.pointed.value = control.nearest(spotOf(event), inner);
          }}
          onPointerUp={(event) => {
            draw(null);
            control.up(spotOf(event), inner);
          }}
          onPointerLeave={() => {
            store.pointed.value = null;
          }}
          onBlur={() => {
            store.pointed.value = null;
          }}
        />
        <Brushed store={store} number={number} drawn={drawn} />
        <Tip store={store} control={control} size={size} />
      </div>
    </figure>
  );
}

/** Large maps have small points. */
const radiusFor = (points: number): number => (points > 5000 ? 1.4 : points > 1500 ? 2.2 : 3.2);

function usePainted(
  canvas: { current: HTMLCanvasElement | null },
  store: PatternStore,
  layer: Layer,
  number: number,
  [width, height]: Spot,
): void {
  const place = store.live?.frame.value?.parts.pattern?.places[number];
  const at = place ? placeOf(layer.info, place.x, place.y) : null;
  const mask = store.mask.value;
  const isDark = dark.value;
  useLayoutEffect(() => {
    const node = canvas.current!;
    const sharp = globalThis.devicePixelRatio || 1;
    const pen = node.getContext("2d");
    if (!pen || width < 2 * EDGE) return;
    node.width = width * sharp;
    node.height = height * sharp;
    pen.setTransform(sharp, 0, 0, sharp, 0, 0);
    const radius = radiusFor(layer.points.x.length);
    const isLit = (i: number) => !mask || mask[i] === 1;
    paintPoints(pen, layer.points, { width, height, radius }, isDark, at, isLit);
    writeNumbers(pen, layer.points, [width, height], isDark, isLit);
  }, [layer, width, height, mask, isDark, at?.[0], at?.[1]]);
}

/** The number of each pattern in the middle of its points, of large ones first, where it covers no other. */
function writeNumbers(
  pen: CanvasRenderingContext2D,
  points: Points,
  [width, height]: Spot,
  isDark: boolean,
  isLit: (i: number) => boolean,
): void {
  const places = new Map<number, [xs: number[], ys: number[]]>();
  points.pattern.forEach((pattern, i) => {
    if (pattern < 0 || !isLit(i)) return;
    const [xs, ys] = places.get(pattern) ?? places.set(pattern, [[], []]).get(pattern)!;
    xs.push(points.x[i]! / 65535);
    ys.push(1 - points.y[i]! / 65535);
  });
  const middle = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;
  pen.font = "600 12px sans-serif";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineWidth = 4;
  pen.lineJoin = "round";
  const taken: Spot[] = [];
  const largest = [...places].sort(([, [a]], [, [b]]) => b.length - a.length);
  for (const [pattern, [xs, ys]] of largest) {
    const [x, y] = [EDGE + middle(xs) * (width - 2 * EDGE), EDGE + middle(ys) * (height - 2 * EDGE)];
    if (taken.some(([tx, ty]) => Math.abs(tx - x) < 17 && Math.abs(ty - y) < 13)) continue;
    taken.push([x, y]);
    pen.strokeStyle = isDark ? "#17171a" : "#fff";
    pen.fillStyle = isDark ? "#fff" : "#000";
    pen.strokeText(String(pattern), x, y);
    pen.fillText(String(pattern), x, y);
  }
}

type BrushedProps = { store: PatternStore; number: number; drawn: readonly [Spot, Spot] | null };

/** The rectangle that is drawn, or that is chosen. */
function Brushed({ store, number, drawn }: BrushedProps) {
  const { brush } = store.narrowed.value;
  const info = store.layers.value[number]!.info;
  const kept = brush?.[0] === number ? brush : null;
  const ends = drawn ?? (kept && [placeOf(info, kept[1], kept[4]), placeOf(info, kept[2], kept[3])]);
  if (!ends) return null;
  const [[ax, ay], [bx, by]] = ends;
  const length = (share: number) => `calc(${EDGE}px + (100% - ${2 * EDGE}px) * ${share})`;
  const span = (share: number) => `calc((100% - ${2 * EDGE}px) * ${share})`;
  return (
    <div
      class="nw-map-brush"
      data-nw="brush"
      style={{
        left: length(Math.min(ax, bx)),
        top: length(Math.min(ay, by)),
        width: span(Math.abs(bx - ax)),
        height: span(Math.abs(by - ay)),
      }}
    />
  );
}

type TipProps = { store: PatternStore; control: MapController; size: Spot };

/** What the point under pointer or keys is, beside it. */
function Tip({ store, control, size: [width, height] }: TipProps) {
  const at = store.pointed.value;
  const member = useMember(store, at);
  const pattern = at === null ? null : control.layer.points.pattern[at]!;
  useEffect(() => {
    if (at !== null && member) store.said.value = `${member.row.name}, ${called(pattern!)}`;
  }, [member]);
  if (at === null || pattern === null) return null;
  const [x, y] = control.spot(at);
  const [left, top] = [EDGE + x * (width - 2 * EDGE), EDGE + y * (height - 2 * EDGE)];
  return (
    <>
      <span class="nw-map-ring" style={{ left: `${left}px`, top: `${top}px` }} />
      <div
        class="nw-tooltip nw-map-tip"
        data-nw="map-tip"
        style={{
          ...(left < width / 2 ? { left: `${left + 14}px` } : { right: `${width - left + 14}px` }),
          ...(top < height / 2 ? { top: `${top + 8}px` } : { bottom: `${height - top + 8}px` }),
        }}
      >
        <div>
          {called(pattern)}
          {member?.row.label && ` · ${member.row.label}`}
        </div>
        {member && <Member {...member} />}
      </div>
    </>
  );
}
