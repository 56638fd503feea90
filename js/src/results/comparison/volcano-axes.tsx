/** Axes and legend around the picture of units. */
import { dark } from "../../paint/theme.ts";
import { plural } from "../../paint/words.ts";
import type { ComparisonInfo } from "../../wire/results/comparison.ts";
import { groupHue } from "./groups.ts";
import { type Behind, type ComparisonStore, upFor } from "./store.ts";
import { certaintyTicks, effectTicks } from "./volcano-axis.ts";

export function Axes({ info }: { info: ComparisonInfo }) {
  const { axis, level, top, units } = info;
  return (
    <div aria-hidden="true">
      {effectTicks(info).map(({ share, words }) => (
        <span key={words} class="nw-volcano-across" style={{ left: `${100 * share}%` }}>
          {words}
        </span>
      ))}
      {certaintyTicks(info).map(({ share, words }) => (
        <span key={words} class="nw-volcano-up" style={{ top: `${100 * share}%` }}>
          {words}
        </span>
      ))}
      <span class="nw-volcano-level" style={{ top: `${100 * (1 - upFor(-Math.log10(level), top))}%` }} />
      <span class="nw-volcano-q">q</span>
      <span class="nw-volcano-low">
        {info.ends[0] < 0 || info.measure === "entropy" ? `← ${axis[0]}` : ""}
      </span>
      <span class="nw-volcano-effect">{units.effect}</span>
      <span class="nw-volcano-high">{axis[1]} →</span>
    </div>
  );
}

const BEHIND: Record<Exclude<Behind, "">, string> = {
  chance: "the same with labels shuffled",
  twin: "an untrained model",
};

export function Legend({ store }: { store: ComparisonStore }) {
  const info = store.info.value;
  const isDark = dark.value;
  const there = (["chance", "twin"] as const).filter((name) => info[name] !== "");
  const behind = store.behind.value;
  const marks = new Set(
    Array.from({ length: store.points.value.count }, (_, i) => store.points.value.mark(i)),
  );
  return (
    <div class="nw-volcano-legend nw-sub">
      {info.groups.map(
        ([name], i) =>
          marks.has(i + 1) && (
            <span key={name}>
              <span class="nw-group-mark" style={{ background: groupHue(i, isDark) }} /> higher in {name}
            </span>
          ),
      )}
      {marks.has(0) && (
        <span>
          <span class="nw-group-mark nw-hollow" /> does not pass
        </span>
      )}
      {there.length > 0 && (
        <label>
          <span aria-hidden="true">×</span>{" "}
          <select
            data-nw="behind"
            aria-label="What is drawn behind the units"
            value={behind}
            onChange={(event) => {
              store.behind.value = event.currentTarget.value as Behind;
            }}
          >
            {there.map((name) => (
              <option key={name} value={name}>
                {BEHIND[name]}
              </option>
            ))}
            <option value="">nothing beside it</option>
          </select>
        </label>
      )}
      {info.drawn < info.searched && (
        <span>
          {info.drawn.toLocaleString("en")} of {plural(info.searched, "unit")} are drawn
        </span>
      )}
    </div>
  );
}
