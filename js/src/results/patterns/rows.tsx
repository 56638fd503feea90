/** Patterns as rows, the steadiest first; a chosen one opens below its row. */
import { useMemo, useState } from "preact/hooks";
import { formatValue } from "../../paint/scale.ts";
import { dark } from "../../paint/theme.ts";
import { glyphs, percent, plural } from "../../paint/words.ts";
import { bytesIn, stamp } from "../../panels/pattern/points.ts";
import { isLive } from "../../session/session.ts";
import { Bar } from "../../ui/bar.tsx";
import { Called } from "../../ui/naming/unit-name.tsx";
import { ofRgb, Pixels } from "../../ui/pixels.tsx";
import { moveFocus, stepAmong } from "../../ui/roving-focus.ts";
import type { Marker, Mix, PatternRow } from "../../wire/results/patterns.ts";
import { sayInterval, sayQ } from "../units/effect-bar.tsx";
import { Members } from "./members.tsx";
import type { PatternStore } from "./store.ts";

/** So many rows stand there at first; the others, which are less steady, come when they are asked for. */
const FIRST = 12;

export function PatternRows({ store }: { store: PatternStore }) {
  const info = store.layers.value[0]!.info;
  const pattern = store.pattern.value;
  const none = info.none;
  const [all, setAll] = useState(false);
  const shown = info.patterns.filter((row, i) => all || i < FIRST || row.pattern === pattern);
  const stop = pattern ?? info.patterns[0]?.pattern ?? -1;
  return (
    <ol
      class="nw-result-rows nw-pattern-rows"
      data-nw="patterns"
      onKeyDown={(event) => stepAmong(event, ".nw-result-head")}
    >
      {shown.map((row) => (
        <Row
          key={row.pattern}
          store={store}
          row={row}
          open={row.pattern === pattern}
          tab={row.pattern === stop ? 0 : -1}
        />
      ))}
      {shown.length < info.patterns.length && (
        <li class="nw-result-row nw-pattern-others">
          <button type="button" class="nw-link" data-nw="all-patterns" onClick={() => setAll(true)}>
            all {info.patterns.length} patterns
          </button>
        </li>
      )}
      {none > 0 && (
        <li class={pattern === -1 ? "nw-result-row nw-open" : "nw-result-row"} data-pattern={-1}>
          <button
            type="button"
            class="nw-result-head"
            tabIndex={stop === -1 ? 0 : -1}
            aria-expanded={pattern === -1}
            onClick={() => store.choose(-1)}
          >
            <Mark pattern={-1} />
            <span class="nw-pattern-name">in no pattern</span>
            <span class="nw-pattern-size">
              {plural(none, "input")} · {percent(none / store.info.value.inputs)}
            </span>
          </button>
          {pattern === -1 && <Members store={store} layer={0} pattern={-1} />}
        </li>
      )}
    </ol>
  );
}

type RowProps = { store: PatternStore; row: PatternRow; open: boolean; tab: 0 | -1 };

function Row({ store, row, open, tab }: RowProps) {
  const { pattern, inputs, share, labels, predictions } = row;
  return (
    <li class={open ? "nw-result-row nw-open" : "nw-result-row"} data-pattern={pattern}>
      <button
        type="button"
        class="nw-result-head"
        tabIndex={tab}
        aria-expanded={open}
        onClick={() => store.choose(pattern)}
      >
        <Mark pattern={pattern} />
        <Average row={row} />
        <span class="nw-pattern-name">pattern {pattern}</span>
        <span class="nw-pattern-size">
          {plural(inputs, "input")} · {percent(share)}
        </span>
        <Stability row={row} />
        <span class="nw-pattern-mix">
          {row.stability !== null && !row.holds && <span class="nw-loose">does not hold </span>}
          <span data-nw="most">{sayMost(row)}</span>
        </span>
      </button>
      {row.largest && (
        <p class="nw-warning">
          Holds more than half of all inputs: more likely what is left over than a pattern.
        </p>
      )}
      {open && (
        <div class="nw-pattern-body">
          {labels.length > 0 && predictions.length > 0 && (
            <p class="nw-sub">
              labels: {sayMix(labels, inputs)}; the model says: {sayMix(predictions, inputs)}
            </p>
          )}
          <Units store={store} row={row} />
          <Members store={store} layer={0} pattern={pattern} />
        </div>
      )}
    </li>
  );
}

/** The sign of a pattern in the map: its hue and its shape. */
export function Mark({ pattern }: { pattern: number }) {
  const isDark = dark.value;
  const paint = (canvas: HTMLCanvasElement | null) => {
    const pen = canvas?.getContext("2d");
    if (!pen) return;
    pen.setTransform(2, 0, 0, 2, 0, 0);
    pen.clearRect(0, 0, 14, 14);
    stamp(pen, 7, 7, 4.5, pattern, isDark);
  };
  return (
    <span aria-hidden="true">
      <canvas key={`${pattern} ${isDark}`} ref={paint} class="nw-pattern-mark" width={28} height={28} />
    </span>
  );
}

function Average({ row: { average, pattern } }: { row: PatternRow }) {
  const rgba = useMemo(() => average && ofRgb(bytesIn(average.rgb)), [average]);
  if (!average || !rgba) return null;
  return (
    <span role="img" aria-label={`Average picture of pattern ${pattern}`} title="the average of its pictures">
      <Pixels rgba={rgba} width={average.width} height={average.height} class="nw-member-picture" />
    </span>
  );
}

function Stability({ row: { stability, low, high, repeats } }: { row: PatternRow }) {
  if (stability === null) return <span class="nw-pattern-stability nw-soft">stability not measured</span>;
  const ends = low !== null && high !== null ? `, ${low.toFixed(2)} to ${high.toFixed(2)}` : "";
  const halves = repeats === null ? "" : `; ${repeats.toFixed(2)} in halves that share no input`;
  const words = `${stability.toFixed(2)} of it comes back when a fifth of the inputs is left out${ends}${halves}`;
  return (
    <span class="nw-pattern-stability" title={words}>
      <span class="nw-soft">stability</span> <Bar share={stability} /> <b>{stability.toFixed(2)}</b>
    </span>
  );
}

/** What most of its inputs are: by their labels, else by what the model says of them. */
function sayMost({ labels, predictions, inputs }: PatternRow): string {
  if (labels.length > 0) return `label ${sayMix(labels, inputs)}`;
  return predictions.length > 0 ? `the model says ${sayMix(predictions, inputs)}` : "";
}

/** "7 (52 of 54), also 1": the names that most of its inputs have; signs stand in quotes. */
function sayMix(mix: Mix, inputs: number): string {
  const shown = (name: string) => (/^[\p{L}\p{N}]/u.test(name) ? name : `“${glyphs(name)}”`);
  const [first, ...others] = mix.map(([name, count]) => [shown(name), count] as const);
  if (!first) return "";
  const more =
    others.length > 0
      ? `, also ${others
          .slice(0, 3)
          .map(([name]) => name)
          .join(", ")}`
      : "";
  return `${first[0]} (${first[1]} of ${inputs})${more}`;
}

/** Chance is explanation enough for a unit with a larger q. */
const LEVEL = 0.05;
/** AUROC: from 0 to 1, and half where nothing is told. */
const AUROC: { ends: [number, number]; zero: number } = { ends: [0, 1], zero: 0.5 };

function sayMarker({ unit, median, rest, auroc, low, high, q }: Marker): string {
  const told = auroc === null ? "" : `; AUROC ${sayInterval({ effect: auroc, low, high }, AUROC)}`;
  return `${unit}: median ${formatValue(median)} here, ${formatValue(rest)} in the rest${told}; q ${sayQ(q)}`;
}

function Units({ store, row: { units } }: { store: PatternStore; row: PatternRow }) {
  if (units.length === 0) return null;
  const { searched } = store.layers.value[0]!.info;
  const most = Math.max(...units.flatMap(({ median, rest }) => [Math.abs(median), Math.abs(rest)]), 1e-12);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrows go from unit to unit.
    <div class="nw-pattern-units" onKeyDown={moveFocus}>
      <p class="nw-sub">
        What sets it apart: the median of a unit here; the mark is its median in the rest. Chosen on half of
        the inputs, measured on the other half; q is corrected for the {searched.toLocaleString("en")} that
        were searched.
      </p>
      {units.map((marker, i) => {
        const { unit, median, rest, q } = marker;
        return (
          <button
            key={unit}
            type="button"
            tabIndex={i === 0 ? 0 : -1}
            class="nw-unit-button nw-pattern-unit"
            data-nw="marker"
            data-unit={unit}
            aria-pressed={store.of.unit.value === unit}
            disabled={!isLive(store.of)}
            title={sayMarker(marker)}
            onClick={() => store.of.setUnit(unit)}
          >
            <span class="nw-bar-name nw-mono">
              <Called labels={store.of.labels.value} unit={unit} />
            </span>
            <Bar share={Math.abs(median) / most} was={Math.abs(rest) / most} />
            <span class="nw-number">{formatValue(median)}</span>
            <span class={q !== null && q <= LEVEL ? "nw-marker-q nw-soft" : "nw-marker-q nw-loose"}>
              q {sayQ(q)}
            </span>
          </button>
        );
      })}
    </div>
  );
}
