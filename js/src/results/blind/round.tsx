/** A round of a blind test: what is shown and asked, by pointer or keys; once it was answered, what was true. */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { moveFocus } from "../../ui/roving-focus.ts";
import type { BlindInfo, BlindRound } from "../../wire/results/blind.ts";
import { Item } from "./item.tsx";
import { isRight, QUESTIONS, sayOutcome, sayTruth } from "./words.ts";

type RoundProps = {
  info: BlindInfo;
  round: BlindRound;
  /** Can an answer be given? */
  open: boolean;
  answer: (chosen: number[]) => void;
  next: () => void;
  /** Its title. */
  children: ComponentChildren;
};

/** What is chosen, as long as nothing was answered: of "fuzzing" whether it is right, and null before that. */
type Choice = readonly number[] | null;

export function Round({ info, round, open, answer, next, children }: RoundProps) {
  const { kind, items, truth } = round;
  const [choice, setChoice] = useState<Choice>(kind === "detection" ? [] : null);
  useEffect(() => setChoice(kind === "detection" ? [] : null), [info.step]);
  const told = truth !== undefined;
  const question = QUESTIONS[kind];
  const pick = (number: number) => setChoice(picked(kind, choice, number));
  const send = () => {
    if (told) next();
    else if (choice !== null) answer([...choice]);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!open || event.altKey || event.ctrlKey || event.metaKey) return;
    const number = Number(event.key) - 1;
    const count = kind === "fuzzing" ? 2 : items.length;
    if (event.key === "Enter") send();
    else if (!told && number >= 0 && number < count) pick(number);
    else return;
    event.preventDefault();
  };
  const chosen = round.chosen ?? choice ?? [];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys answer from wherever the focus is inside.
    <div class="nw-blind-round" data-nw="blind-round" data-kind={kind} onKeyDown={onKeyDown}>
      {children}
      {!told && (
        <p class="nw-blind-ask">
          {question?.ask} <span class="nw-soft">{question?.how}</span>
        </p>
      )}
      {told && (
        <p class={isRight(round) ? "nw-blind-outcome nw-right" : "nw-blind-outcome nw-wrong"}>
          {sayOutcome(round)}
        </p>
      )}
      <Items info={info} round={round} chosen={chosen} pick={open && !told ? pick : null} />
      {kind === "fuzzing" && !told && <RightOrWrong choice={choice} pick={open ? pick : null} />}
      <p class="nw-blind-go">
        <button
          type="button"
          class="nw-button nw-blind-main"
          data-nw="blind-send"
          disabled={!open || (!told && choice === null)}
          onClick={send}
        >
          {told ? (info.answered < info.rounds ? "Next round" : "See the score") : "Answer"}
        </button>
        {!told && kind === "detection" && choice?.length === 0 && (
          <span class="nw-soft">Without a choice: none of them fires.</span>
        )}
      </p>
    </div>
  );
}

function picked(kind: string, choice: Choice, number: number): readonly number[] {
  if (kind === "intruder") return [number];
  if (kind === "fuzzing") return number === 0 ? [0] : [];
  const before = choice ?? [];
  return before.includes(number) ? before.filter((one) => one !== number) : [...before, number].sort();
}

/** One tab stop for all of them, from which arrows go on. */
const tabOf = (item: number): 0 | -1 => (item === 0 ? 0 : -1);

type ItemsProps = {
  info: BlindInfo;
  round: BlindRound;
  chosen: readonly number[];
  pick: ((number: number) => void) | null;
};

export function Items({ info, round: { kind, items, truth }, chosen, pick }: ItemsProps) {
  return (
    <ol class={`nw-blind-items nw-blind-${info.input}`} onKeyDown={moveFocus}>
      {items.map((item, i) => {
        const told = truth !== undefined;
        const isChosen = chosen.includes(i);
        const isWrong = told && isChosen !== truth.includes(i);
        const classes = ["nw-blind-item"];
        if (kind !== "fuzzing" && isChosen) classes.push("nw-chosen");
        if (isWrong) classes.push("nw-wrong");
        const body = (
          <>
            {kind !== "fuzzing" && <span class="nw-blind-number">{i + 1}</span>}
            <Item item={item} info={info} />
            {told && kind !== "fuzzing" && (
              <span class={item.fires ? "nw-blind-truth nw-fires" : "nw-blind-truth"}>
                {sayTruth(item)}
                {isChosen && <span class="nw-soft"> · you chose it</span>}
              </span>
            )}
          </>
        );
        return (
          <li key={i}>
            {kind === "fuzzing" || told ? (
              <div class={classes.join(" ")}>{body}</div>
            ) : (
              <button
                type="button"
                class={classes.join(" ")}
                data-nw="blind-item"
                tabIndex={tabOf(i)}
                aria-pressed={isChosen}
                disabled={pick === null}
                onClick={() => pick?.(i)}
              >
                {body}
              </button>
            )}
          </li>
        );
      })}
    </ol>
  );
}

type RightProps = { choice: Choice; pick: ((number: number) => void) | null };

function RightOrWrong({ choice, pick }: RightProps) {
  return (
    <p class="nw-blind-go">
      {["Right", "Wrong"].map((words, i) => (
        <button
          key={words}
          type="button"
          class="nw-button"
          data-nw="blind-item"
          aria-pressed={choice !== null && choice.length > 0 === (i === 0)}
          disabled={pick === null}
          onClick={() => pick?.(i)}
        >
          <span class="nw-blind-number">{i + 1}</span> {words}
        </button>
      ))}
    </p>
  );
}
