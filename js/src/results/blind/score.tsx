/** The end of a blind test: verdict, score of each kind of round with its interval, and what was judged wrongly. */
import { percent, plural } from "../../paint/words.ts";
import type { BlindInfo, BlindRow } from "../../wire/results/blind.ts";
import { EffectBar } from "../units/effect-bar.tsx";
import { Items } from "./round.tsx";
import { kindWords, sayOutcome } from "./words.ts";

const TONES: Record<string, string> = { "held up": "nw-right", "no better than guessing": "nw-wrong" };

type ScoreProps = { info: BlindInfo; open: boolean; show: () => void };

export function Score({ info, open, show }: ScoreProps) {
  const { outcome, verdict, rows, missed, stored, linked, unit } = info;
  return (
    <div class="nw-blind-end" data-nw="blind-end">
      <p class={`nw-blind-outcome ${TONES[outcome] ?? ""}`}>{outcome}</p>
      <p class="nw-result-verdict" data-nw="verdict">
        {verdict}
      </p>
      <table class="nw-blind-scores">
        <thead>
          <tr>
            <th scope="col">rounds</th>
            <th scope="col">right</th>
            <th scope="col">score, 95 % interval, guessing as a line</th>
            <th scope="col">by itself</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <ScoreRow key={row.kind} row={row} />
          ))}
        </tbody>
      </table>
      <p class="nw-soft">
        {stored || "Not kept anywhere yet: test.result has it in Python; labels=nw.Labels(…) keeps it."}
      </p>
      {linked && (
        <button type="button" class="nw-button" data-nw="blind-show" disabled={!open} onClick={show}>
          Show {unit} in the Explorer
        </button>
      )}
      {missed.length > 0 && (
        <details class="nw-blind-missed" data-nw="blind-missed">
          <summary>{plural(missed.length, "round")} not all right</summary>
          {missed.map((round) => (
            <section key={round.number} aria-label={`Round ${round.number + 1}`}>
              <p>
                <b>Round {round.number + 1}</b> <span class="nw-soft">{kindWords(round.kind)}</span>{" "}
                {sayOutcome(round)}
              </p>
              <Items info={info} round={round} chosen={round.chosen ?? []} pick={null} />
            </section>
          ))}
        </details>
      )}
    </div>
  );
}

function ScoreRow({ row: { kind, judged, right, score, low, high, chance, verdict } }: { row: BlindRow }) {
  const axis = {
    ends: [0, 1] as [number, number],
    zero: chance ?? 0.5,
    null: null,
  };
  const words = score === null ? "–" : `${percent(score)} (${percent(low)} to ${percent(high)})`;
  return (
    <tr class={kind === "all" ? "nw-blind-all" : ""}>
      <th scope="row">{kind === "all" ? "all" : kindWords(kind)}</th>
      <td>
        {right} of {judged}
      </td>
      <td>
        <EffectBar info={axis} row={{ effect: score, low, high }} /> {words}
        {chance !== null && <span class="nw-soft"> guessing {percent(chance)}</span>}
      </td>
      <td class="nw-soft">{verdict}</td>
    </tr>
  );
}
