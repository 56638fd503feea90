/** Grid of layers × positions: how much of the difference between two inputs comes back at each; a click goes there. */
import { useState } from "preact/hooks";
import { formatValue, tableFor } from "../../paint/scale.ts";
import { dark } from "../../paint/theme.ts";
import { tokenGlyphs } from "../../paint/words.ts";
import { isLive, type Session } from "../../session/session.ts";
import { Ramp } from "../../ui/legend.tsx";
import { ofValues, Pixels } from "../../ui/pixels.tsx";
import { textWindow } from "../../wire/tokens.ts";
import { numberOf } from "../../wire/values.ts";
import { effectScale } from "./driven.ts";
import { Progress } from "./progress.tsx";
import { type Study, useStudy } from "./study.ts";
import type { PatchedGrid } from "./wire.ts";
import "./studies.css";

export function PatchGrid({ session }: { session: Session }) {
  const study = useStudy("grid");
  return study && <Asked session={session} study={study} />;
}

type GridProps = { session: Session; study: Study<"grid"> };

function Asked({ session, study }: GridProps) {
  const frame = session.frame.value;
  const { sites } = session.catalog.value;
  // The stream between the layers carries it all; where there is none, the sites like the one that is looked at.
  const kind = (
    sites.find((site) => site.kind === "resid") ?? sites.find(({ name }) => name === session.site.value)
  )?.kind;
  const result = study.result.value;
  return (
    <section class="nw-patches" data-nw="patches" aria-label="Which place carries the difference?">
      <h4 class="nw-title">Which place carries the difference?</h4>
      <p class="nw-sub">
        <button
          type="button"
          data-nw="patch"
          disabled={!isLive(session) || !frame}
          onClick={() => frame && study.ask(frame.seq, { sites: kind }, frame.asked)}
        >
          patch every place of {kind}
        </button>{" "}
        <Progress study={study} />
        <span role="status">{study.problem.value}</span>
      </p>
      {result && frame && (
        <div class={result.about === frame.asked ? "" : "nw-old"}>
          <Grid session={session} result={result} />
        </div>
      )}
    </section>
  );
}

const STEPS: Record<string, [down: number, right: number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

function Grid({ session, result: { metric, rows, verdict } }: { session: Session; result: PatchedGrid }) {
  const [[row, col], move] = useState<readonly [number, number]>([0, 0]);
  const frame = session.frame.value!;
  const token = textWindow(frame).first + col;
  const { hasTokens } = session.kind;
  const values = rows.map((one) => Float32Array.from(one.values, numberOf));
  const scale = effectScale(Float32Array.of(1, ...values.flatMap((one) => [...one])));
  const { site } = rows[row]!;
  const where = hasTokens ? `token ${token} “${tokenGlyphs(frame, token)}”` : `position ${col}`;
  const words = `${site} at ${where}: ${formatValue(values[row]![col]!)}`;
  const go = () => {
    session.setSite(site);
    if (hasTokens) session.setToken(token);
  };
  const to = (y: number, x: number) => {
    if (values[y]) move([y, Math.min(values[y].length - 1, Math.max(0, x))]);
  };
  const point = (event: MouseEvent, y: number) => {
    const { left, width } = (event.currentTarget as Element).getBoundingClientRect();
    to(y, Math.floor(((event.clientX - left) / width) * values[y]!.length));
  };
  const press = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (event.key === "Enter") go();
    else if (step) to(row + step[0], col + step[1]);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <div
        class="nw-patch-grid"
        data-nw="patch-grid"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is read by keys.
        tabIndex={0}
        role="application"
        aria-label={`Layers from above × positions: ${words}. Arrows move, Enter goes there.`}
        onKeyDown={press}
      >
        {values.map((cells, y) => (
          <div key={y} class="nw-patch-row">
            <span class="nw-mono">{rows[y]!.site}</span>
            {/* biome-ignore lint/a11y: the grid around it has the keys. */}
            <span class="nw-patch-cells" onPointerMove={(event) => point(event, y)} onClick={go}>
              <Pixels
                rgba={ofValues(cells, scale, tableFor(scale, dark.value))}
                width={cells.length}
                height={1}
              />
              {y === row && (
                <span
                  class="nw-patch-at"
                  style={{ left: `${(100 * col) / cells.length}%`, width: `${100 / cells.length}%` }}
                />
              )}
            </span>
          </div>
        ))}
      </div>
      <Ramp scale={scale} ground={dark.value} />
      <p class="nw-sub" role="status" data-nw="patch-said">
        {words} of the difference in {metric} comes back
      </p>
      <p class="nw-verdict">{verdict}</p>
    </>
  );
}
