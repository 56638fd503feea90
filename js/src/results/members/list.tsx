/** Inputs as a list: tiles or lines by their kind, each of which may be opened in an editor. */
import { nameOf } from "../../panels/pattern/view.tsx";
import { moveFocus } from "../../ui/roving-focus.ts";
import type { InputRow } from "../../wire/results/shown.ts";
import { faceFor } from "./registry.ts";
import type { Shown } from "./shown.ts";
import "./members.css";

type InputListProps<R extends InputRow> = {
  shown: readonly Shown<R>[];
  /** What else is said of an input, behind its name and its label. */
  about: (row: R) => string;
  /** What is written beside its name; in a line, where there is no room for both, in its place. */
  mark?: (row: R) => string;
  /** Labels that the model could have said: what it says otherwise stands beside an input's own. */
  labels: readonly string[];
  /** Opens an input, by the number of its document; null where it cannot be opened. */
  open: ((document: number) => void) | null;
  /** "Put it in the editor" */
  opens: string;
};

export function InputList<R extends InputRow>({
  shown,
  about,
  mark,
  labels,
  open,
  opens,
}: InputListProps<R>) {
  const { Face, stand } = faceFor(shown[0]?.answer.input ?? "");
  return (
    <div class={`nw-member-list nw-${stand}`} role="toolbar" aria-label="Inputs" onKeyDown={moveFocus}>
      {shown.map((one, i) => {
        const { document, label, prediction } = one.row;
        const name = nameOf(one.row.name);
        const wrong = prediction !== null && prediction !== label && labels.includes(prediction);
        const details = [label, wrong ? `the model says ${prediction}` : ""].filter(Boolean);
        const words = [name, ...details, about(one.row)].filter(Boolean).join(", ");
        const marked = mark?.(one.row);
        const written = marked && stand === "lines" ? [marked] : [details.join(" · ") || name, marked];
        return (
          <button
            key={document}
            type="button"
            class="nw-member"
            data-nw="member"
            data-document={document}
            tabIndex={i === 0 ? 0 : -1}
            aria-disabled={open === null}
            aria-label={open ? `${words}. ${opens}` : words}
            title={words}
            onClick={() => open?.(document)}
          >
            <Face shown={one} />
            <span class="nw-member-name">{written.filter(Boolean).join(" · ")}</span>
          </button>
        );
      })}
    </div>
  );
}
