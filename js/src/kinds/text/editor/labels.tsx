/**
 * Tokens that are nowhere in the text: chips above the editor for those before it (`<bos>`), below it for the others
 * (`</s>`), where they take no room from the text.
 */

import { dark } from "../../../paint/theme.ts";
import type { Session } from "../../../session/session.ts";
import type { Frame } from "../../../wire/frame.ts";
import { labelsOf, textWindow, tokenCount } from "../../../wire/tokens.ts";
import { sayReading, tokenReadingOf } from "./reading.tsx";
import { isBeside } from "./segments.ts";
import { Shader, styleOf } from "./shade.ts";

const MOST = 12;

type LabelsProps = { session: Session; place: "before" | "after" };

export function Labels({ session, place }: LabelsProps) {
  const frame = session.frame.value;
  if (!frame) return null;
  const written = firstWritten(frame);
  const labels = Object.entries(labelsOf(frame)).filter(
    ([index]) => isBeside(frame, Number(index)) && Number(index) < written === (place === "before"),
  );
  if (labels.length === 0) return null;
  const shader = new Shader(frame, dark.value);
  const { first } = textWindow(frame);
  const selected = session.selection.value.token ?? frame.head.token;
  return (
    <div class="nw-labels" data-nw="labels" data-place={place}>
      {labels.slice(0, MOST).map(([index, label]) => {
        const token = first + Number(index);
        const reading = tokenReadingOf(frame, token);
        return (
          <button
            key={index}
            type="button"
            class={token === selected ? "nw-label nw-selected" : "nw-label"}
            data-token={token}
            style={styleOf([shader.look(Number(index))])}
            title={`Special token${reading && reading.id !== null ? `, id ${reading.id}` : ""}. ${reading ? sayReading(reading) : `token ${token}`}`}
            onClick={() => session.setToken(token)}
          >
            {label}
            <small>{token}</small>
          </button>
        );
      })}
      {labels.length > MOST && <span class="nw-soft">and {labels.length - MOST} more</span>}
    </div>
  );
}

/** The first token that stands in the text. */
function firstWritten(frame: Frame): number {
  const count = tokenCount(frame);
  let index = 0;
  while (index < count && isBeside(frame, index)) index++;
  return index;
}
