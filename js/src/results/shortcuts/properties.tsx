/** Plain properties of the inputs: which labels each tells apart by itself, and how well. */
import { Bar } from "../../ui/bar.tsx";
import type { PropertyRow } from "../../wire/results/shortcuts.ts";

type PropertiesProps = { rows: readonly PropertyRow[]; tried: string };

export function Properties({ rows, tried }: PropertiesProps) {
  if (tried === "") return <p class="nw-empty">No plain properties are known of inputs of this kind.</p>;
  if (rows.length === 0)
    return <p class="nw-empty">No property varies enough to tell labels. Checked: {tried}.</p>;
  const telling = rows.some((row) => row.telling);
  return (
    <>
      <table class="nw-effects nw-shortcuts-properties" data-nw="properties">
        <thead>
          <tr>
            <th scope="col">property</th>
            <th scope="col">tells</th>
            <th scope="col" title="On inputs held out: 0.5 tells nothing, 1 tells them always">
              AUROC
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.property} class={row.telling ? "" : "nw-not-found"}>
              <td>{row.property}</td>
              <td>{row.tells}</td>
              <td class="nw-number" title={ends(row)}>
                <Bar share={row.auroc === null ? 0 : Math.max(0, 2 * row.auroc - 1)} />{" "}
                {row.auroc?.toFixed(2) ?? "–"}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="nw-sub">
        {telling
          ? "In full ink: what tells labels by itself (0.90 or more)."
          : "None tells labels by itself (0.90 or more)."}{" "}
        Checked: {tried}.
      </p>
    </>
  );
}

const ends = ({ low, high }: PropertyRow): string =>
  low === null || high === null ? "" : `${low.toFixed(2)} to ${high.toFixed(2)}, 95 %`;
