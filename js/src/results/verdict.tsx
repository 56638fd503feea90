/** The verdict of a result, and the figures that it rests on. */
import type { Figure } from "../wire/results/shown.ts";
import "./results.css";

type VerdictProps = { verdict: string; figures: readonly Figure[] };

/** The answer, which is the first sentence, and what follows. */
export function partsOf(verdict: string): [answer: string, more: string] {
  const [answer] = /^.+?\.(?=\s+[A-Z])/.exec(verdict) ?? [verdict];
  return [answer, verdict.slice(answer.length)];
}

export function Verdict({ verdict, figures }: VerdictProps) {
  const [answer, more] = partsOf(verdict);
  return (
    <div data-nw="verdict">
      <p class="nw-result-verdict">
        <b>{answer}</b>
        {more}
      </p>
      <ul class="nw-figures" data-nw="figures">
        {figures.map(({ name, value, words }, i) => (
          <li key={i}>
            <span class="nw-soft">{name}</span> <b>{value}</b> <span class="nw-figure-words">{words}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
