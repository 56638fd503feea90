/** How often the chosen unit is active in each group, where there are more than two. */
import { dark } from "../../paint/theme.ts";
import { percent } from "../../paint/words.ts";
import { Bar } from "../../ui/bar.tsx";
import type { ComparedAnswer } from "../../wire/results/comparison.ts";
import { groupHue } from "./groups.ts";

export function Rates({ answer: { groups } }: { answer: ComparedAnswer }) {
  if (groups.every(({ rate }) => rate === null)) return null;
  return (
    <section data-nw="rates" aria-label="Where it is active">
      <h4 class="nw-sub">How often it is active in each group</h4>
      <ul class="nw-rates">
        {groups.map(({ name, rate }, i) => (
          <li key={name}>
            <span>{name}</span>
            <Bar share={rate} colour={groupHue(i, dark.value)} />
            <span class="nw-number">{rate === null ? "–" : percent(rate)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
