/** Patterns against labels: how many inputs of each pattern have which label. A cell chooses its inputs. */
import { useMemo } from "preact/hooks";
import { moveFocus } from "../../ui/roving-focus.ts";
import { Mark } from "./rows.tsx";
import { called, type PatternStore } from "./store.ts";

export function Matrix({ store }: { store: PatternStore }) {
  const { labels } = store.info.value;
  const { info, points } = store.layers.value[0]!;
  const labelled = store.labelled.value;
  const rows = useMemo(() => [...info.patterns.map(({ pattern }) => pattern), -1], [info]);
  const counts = useMemo(() => {
    const table = new Map(rows.map((pattern) => [pattern, labels.map(() => 0)]));
    points.pattern.forEach((pattern, i) => {
      const row = table.get(pattern);
      const label = labelled[i]!;
      if (row && label >= 0) row[label]!++;
    });
    return table;
  }, [rows, labels, points, labelled]);
  if (labels.length < 2) return null;
  const most = Math.max(1, ...[...counts.values()].flat());
  const pattern = store.pattern.value;
  const { label } = store.narrowed.value;
  return (
    <section class="nw-pattern-part" data-nw="matrix" aria-label="Patterns and labels">
      <h3 class="nw-title">Patterns and labels</h3>
      <p class="nw-sub">
        How many {points.x.length < store.info.value.inputs && "of the drawn "}inputs of a pattern have a
        label; a click chooses them.
      </p>
      <div class="nw-scroll">
        <table class="nw-matrix" onKeyDown={moveFocus}>
          <thead>
            <tr>
              <th scope="col">pattern</th>
              {labels.map((name) => (
                <th key={name} scope="col" title={name}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, r) => (
              <tr key={row} class={row === pattern ? "nw-chosen" : ""}>
                <th scope="row">
                  <Mark pattern={row} /> {row < 0 ? "none" : row}
                </th>
                {counts.get(row)!.map((count, i) => (
                  <td key={labels[i]}>
                    <button
                      type="button"
                      data-nw="matrix-cell"
                      tabIndex={r === 0 && i === 0 ? 0 : -1}
                      aria-label={`${count} inputs of label ${labels[i]} ${called(row)}`}
                      aria-pressed={row === pattern && labels[i] === label}
                      style={{ "--nw-share": `${Math.round((60 * count) / most)}%` }}
                      onClick={() => store.chooseBoth(row, { label: labels[i]! })}
                    >
                      {count || ""}
                    </button>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
