/** Switch of what is on the screen: the edited model, the model as it was, or what the edits changed. */
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
  return (
    <fieldset class="nw-compare" data-nw="compare" disabled={!isLive(session)}>
      <legend class="nw-said">What is shown of the edited model</legend>
      {CHOICES.map(([compare, words, title]) => (
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
