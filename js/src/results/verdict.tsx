/** The verdict of a result, and the figures that it rests on. */
import type { Figure } from "../wire/results/shown.ts";
import "./results.css";

type VerdictProps = { verdict: string; figures: readonly Figure[] };

export function Verdict({ verdict, figures }: VerdictProps) {
  return (
    <div data-nw="verdict">
      <p class="nw-result-verdict">{verdict}</p>
      <ul class="nw-figures" data-nw="figures">
        {figures.map(({ name, value, words }) => (
          <li key={name}>
            <span class="nw-soft">{name}</span> <b>{value}</b> <span class="nw-figure-words">{words}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
