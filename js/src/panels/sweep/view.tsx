/**
 * Panel of the sweep: the selected unit, the pinned ones and the classes as one column goes over its range, all
 * else as it is.
 */
import { classOf, heightAt, placeOf, valueAt } from "../../paint/column-lines.ts";
import { formatValue, hueOf } from "../../paint/scale.ts";
import { dark } from "../../paint/theme.ts";
import { percent } from "../../paint/words.ts";
import { isLive, type Session } from "../../session/session.ts";
import { Called, sayUnit } from "../../ui/naming/unit-name.tsx";
import { useNeed } from "../../ui/need.ts";
import { PinButton } from "../../ui/pin.tsx";
import type { Frame } from "../../wire/frame.ts";
import { isRow } from "../../wire/inputs.ts";
import type { Column } from "../../wire/traits.ts";
import { OrProblem } from "../panel-problem.tsx";
import { Chart } from "./chart.tsx";
import { type SweepLines, sweepOf } from "./wire.ts";

const POINTS = 64;
/** More lines than this cannot be told apart. */
const LINES = 6;

type SweepProps = { session: Session; column: Column | undefined; set: (value: number | string) => void };

export function Sweep({ session, column, set }: SweepProps) {
  const name = column?.name;
  useNeed(session, "sweep", name === undefined ? null : { column: name, points: POINTS });
  const frame = session.frame.value;
  const swept = sweepOf(frame);
  if (!column || !frame || !swept || swept.xs.length === 0) {
    return (
      <OrProblem session={session} of="sweep">
        <p class="nw-empty" data-nw="sweep">
          Move a slider, or click a column: here you see what the model would do over its whole range.
        </p>
      </OrProblem>
    );
  }
  const { xs } = swept;
  const labels = session.labels.value;
  const input = session.input.value;
  const present = isRow(input) ? input[swept.column] : undefined;
  const place = placeOf(present, xs);
  const steps = typeof xs[0] === "string";
  const here = (ys: ArrayLike<number>) => heightAt(ys, place ?? 0, steps);
  const say = (x: number | string) => (typeof x === "number" ? formatValue(x) : x);
  const going = `${swept.column} goes from ${say(xs[0]!)} to ${say(xs.at(-1)!)}`;
  const common = {
    place,
    steps,
    act: (fraction: number) => isLive(session) && swept.column === name && set(valueAt(fraction, column)),
  };

  const names = frame.parts.classes?.names ?? [];
  const count = (swept.classes?.length ?? 0) / xs.length;
  const lines = Array.from({ length: count }, (_, i) => classOf(swept.classes!, count, i))
    .map((ys, i) => ({ ys, i, name: names[i] ?? `class ${i}`, hue: hueOf(i, dark.value) }))
    .sort((a, b) => Math.max(...b.ys) - Math.max(...a.ys))
    .slice(0, LINES)
    .sort((a, b) => a.i - b.i);
  const followed = followedBy(frame, swept);
  const finite = followed.flatMap(({ ys }) => [...ys]).filter(Number.isFinite);
  const [lo, hi] = [Math.min(0, ...finite), Math.max(0, ...finite)];
  return (
    <div
      class={swept.column === name ? "nw-sweep" : "nw-sweep nw-old"}
      data-nw="sweep"
      data-column={swept.column}
    >
      {followed.length > 0 ? (
        <Chart
          {...common}
          label={`As ${going}: ${followed.map(({ unit, ys }) => `${sayUnit(labels, unit)} ${formatValue(ys[0]!)} to ${formatValue(ys.at(-1)!)}`).join("; ")}`}
          ends={[lo, hi]}
          say={formatValue}
          lines={followed}
        >
          {followed.map(({ unit, hue, pinned, ys }) => (
            <span key={unit} data-line={unit}>
              <span class="nw-swatch" style={{ background: hue }} />{" "}
              <span class="nw-mono" title={sayUnit(labels, unit)}>
                <Called labels={labels} unit={unit} />
              </span>{" "}
              {place !== null && <b>{formatValue(here(ys))}</b>}
              {pinned && <PinButton session={session} unit={unit} />}
            </span>
          ))}
        </Chart>
      ) : (
        <p class="nw-empty">Choose a unit in the list to see what it does over this range.</p>
      )}
      {lines.length > 0 && (
        <Chart
          {...common}
          label={`As ${going}: ${lines.map(({ name, ys }) => `${name} ${percent(ys[0]!)} to ${percent(ys.at(-1)!)}`).join("; ")}`}
          ends={[0, 1]}
          say={(value) => `${100 * value} %`}
          lines={lines}
        >
          {lines.map(({ ys, i, name, hue }) => (
            <span key={i}>
              <span class="nw-swatch" style={{ background: hue }} /> {name}{" "}
              {place !== null && <b>{percent(here(ys))}</b>}
            </span>
          ))}
        </Chart>
      )}
      <div class={steps ? "nw-sweep-axis nw-steps" : "nw-sweep-axis"}>
        {(steps
          ? xs
          : [xs[0]!, present === undefined ? swept.column : `${swept.column} = ${say(present)}`, xs.at(-1)!]
        ).map((x, i) => (
          <span key={i}>{say(x)}</span>
        ))}
      </div>
    </div>
  );
}

type Followed = { unit: string; ys: Float32Array; hue: string; pinned: boolean };

/** The chosen unit, unless it is pinned, and the pinned ones in their hues. */
function followedBy({ head }: Frame, { unit, pins }: SweepLines): Followed[] {
  const pinned = pins.map((ys, i) => ({
    unit: head.pins[i]!,
    ys,
    hue: hueOf(i, dark.value),
    pinned: true,
  }));
  const chosen = head.unit;
  if (!unit || chosen === null || head.pins.includes(chosen)) return pinned;
  return [{ unit: chosen, ys: unit, hue: "var(--nw-ink)", pinned: false }, ...pinned];
}
