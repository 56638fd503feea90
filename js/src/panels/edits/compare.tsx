/** Switch of what is on the screen: after, before or the difference; of edits, or of two inputs. */
import { isLive, type Session } from "../../session/session.ts";
import { useUniqueId } from "../../ui/hooks/unique-id.ts";
import type { Compare } from "../../wire/edits.ts";

const CHOICES: [Compare, words: string, title: string][] = [
  ["before", "before", "Everything below as the model was"],
  ["after", "after", "Everything below as the edited model does it"],
  ["difference", "difference", "Everything below: after less before"],
];

export function CompareSwitch({ session }: { session: Session }) {
  const name = useUniqueId();
  const chosen = session.view.value.compare;
  const { input } = session.kind.words;
  const choices: typeof CHOICES =
    session.beside.value === null
      ? CHOICES
      : [
          ["before", `other ${input}`, `Everything below as the other ${input} does it`],
          ["after", `this ${input}`, `Everything below as this ${input} does it`],
          ["difference", "difference", `Everything below: this ${input} less the other`],
        ];
  return (
    <fieldset class="nw-compare" data-nw="compare" disabled={!isLive(session)}>
      <legend class="nw-said">What is shown of the two</legend>
      {choices.map(([compare, words, title]) => (
        <label key={compare} title={title} data-chosen={compare === chosen}>
          <input
            type="radio"
            name={name}
            value={compare}
            checked={compare === chosen}
            onChange={() => session.setView({ compare })}
          />
          {words}
        </label>
      ))}
    </fieldset>
  );
}
