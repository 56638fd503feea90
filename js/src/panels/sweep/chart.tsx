/** Lines over a column's range; dragging in it sets the column's value. */
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { line } from "../../paint/column-lines.ts";

const WIDE = 600;
const HIGH = 110;

type ChartProps = {
  /** What the picture shows, in words. */
  label: string;
  /** Bottom and top. */
  ends: readonly [number, number];
  say: (value: number) => string;
  lines: readonly { ys: ArrayLike<number>; hue: string }[];
  /** The present value: 0…1 of the width. */
  place: number | null;
  steps: boolean;
  act: (fraction: number) => unknown;
  children: ComponentChildren;
};

export function Chart({ label, ends, say, lines, place, steps, act, children }: ChartProps) {
  const down = useRef(false);
  const at = (event: PointerEvent & { currentTarget: Element }) => {
    const box = event.currentTarget.getBoundingClientRect();
    act((event.clientX - box.left) / box.width);
  };
  const shape = { lo: ends[0], hi: ends[1], width: WIDE, height: HIGH, steps };
  return (
    <div class="nw-chart">
      <div class="nw-chart-key">{children}</div>
      <span class="nw-chart-ends" aria-hidden="true">
        <span>{say(ends[1])}</span>
        <span>{say(ends[0])}</span>
      </span>
      <svg
        viewBox={`0 0 ${WIDE} ${HIGH}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={label}
        onPointerDown={(event) => {
          down.current = true;
          event.currentTarget.setPointerCapture?.(event.pointerId);
          at(event);
        }}
        onPointerMove={(event) => down.current && at(event)}
        onPointerUp={() => {
          down.current = false;
        }}
      >
        {lines.map(({ ys, hue }, i) => (
          <path key={i} d={line(ys, shape)} style={{ stroke: hue }} />
        ))}
        {place !== null && <line x1={place * WIDE} x2={place * WIDE} y1="0" y2={HIGH} />}
      </svg>
    </div>
  );
}
