/** Field in which a person names a unit: Enter and leaving it save, Escape does not. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { UnitName } from "../../wire/protocol.ts";
import { LIMITS } from "../../wire/shared.ts";

type NameFieldProps = {
  unit: UnitName;
  words: string;
  /** The new words, or null where they stay as they were; was it by a key? */
  done: (words: string | null, byKey: boolean) => void;
};

export function NameField({ unit, words, done }: NameFieldProps) {
  const field = useRef<HTMLInputElement>(null);
  // A field that goes away loses the focus too: that is no second end.
  const ended = useRef(false);
  const end = (byKey: boolean, saves: boolean) => {
    if (ended.current) return;
    ended.current = true;
    done(saves ? field.current!.value : null, byKey);
  };
  // At once: the next key is meant for it.
  useLayoutEffect(() => field.current?.select(), []);
  return (
    <input
      ref={field}
      type="text"
      class="nw-name-field"
      data-nw="name-field"
      aria-label={`Name of ${unit}`}
      title="Enter saves, Escape leaves it as it was"
      placeholder="what it goes with, in words"
      maxLength={LIMITS.label}
      defaultValue={words}
      onKeyDown={(event) => {
        if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
        event.preventDefault();
        end(true, event.key === "Enter");
      }}
      onBlur={() => end(false, true)}
    />
  );
}
