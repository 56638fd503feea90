/** The token strip that is the editor: a textarea exactly over its shaded mirror. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Session } from "../../../session/session.ts";
import type { Frame } from "../../../wire/frame.ts";
import { textWindow, tokenCount } from "../../../wire/tokens.ts";
import { EditorController } from "./editor-controller.ts";
import { Labels } from "./labels.tsx";
import { ReadingWords, tokenReadingOf } from "./reading.tsx";
import { MOST_LINES, PIN_PX } from "./shade.ts";
import { Spoken } from "./spoken.tsx";
import { Tip } from "./tip.tsx";
import "./editor.css";

const HELP =
  "Type to change the text. The arrow keys select the token before the cursor. " +
  "Tab leaves the editor; Control and right bracket inserts a tab.";

export function Editor({ session }: { session: Session }) {
  const area = useRef<HTMLTextAreaElement>(null);
  const mirror = useRef<HTMLDivElement>(null);
  const [controller, setController] = useState<EditorController | null>(null);
  useLayoutEffect(() => {
    const own = new EditorController(session, area.current!, mirror.current!);
    setController(own);
    return () => own.close();
  }, [session]);

  const pins = Math.min(session.pins.value.length, MOST_LINES);
  return (
    <div class="nw-editor">
      <Labels session={session} place="before" />
      <div class="nw-editor-scroll" style={{ "--nw-pins": `${pins * PIN_PX}px` }}>
        <div class="nw-editor-page">
          <div ref={mirror} class="nw-editor-text nw-mirror" data-nw="strip" aria-hidden="true" />
          <textarea
            ref={area}
            class="nw-editor-text nw-editor-area"
            data-nw="editor"
            aria-label="Input text"
            aria-description={HELP}
            spellcheck={false}
            autocomplete="off"
            autocapitalize="off"
            {...{ autocorrect: "off" }}
            rows={1}
          />
          <Placeholder session={session} />
        </div>
      </div>
      <Labels session={session} place="after" />
      <Line session={session} />
      <WindowNotice session={session} />
      <Spoken session={session} />
      {controller && <Tip session={session} hover={controller.hover} />}
    </div>
  );
}

function Placeholder({ session }: { session: Session }) {
  if (session.text.value !== "") return null;
  return (
    <div class="nw-editor-placeholder">
      Type or paste a text: the units answer as you go. (Ctrl+] writes a tab.)
    </div>
  );
}

/** One line of fixed height: the selected token, or the one at the cursor. */
function Line({ session }: { session: Session }) {
  const frame = session.frame.value;
  const token = session.selection.value.token ?? frame?.head.token ?? null;
  const reading = tokenReadingOf(frame, token);
  return (
    <div class="nw-editor-line" data-nw="reading">
      {reading ? <ReadingWords reading={reading} /> : <span>No token is selected.</span>}
    </div>
  );
}

function WindowNotice({ session }: { session: Session }) {
  const words = sayWindow(session.frame.value, session.catalog.value.context);
  return words === "" ? null : (
    <div class="nw-editor-notice" data-nw="window">
      {words}
    </div>
  );
}

/** Says which part of a long text is looked at; "" when it is all of it. */
export function sayWindow(frame: Frame | null, context: number): string {
  if (!frame) return "";
  const { start, end, first, total, without = [] } = textWindow(frame);
  const tokens = tokenCount(frame);
  if (tokens >= total) return "";
  const last = first + tokens - 1;
  return (
    `Looking at characters ${start + 1}–${end} of ${frame.text.length} (tokens ${first}–${last} of ${total}): ` +
    `the model’s context is ${context > 0 ? context : tokens}. ` +
    (without.length > 0 ? `The model reads this part without ${without.join(" and ")}. ` : "") +
    "Move the cursor to look elsewhere."
  );
}
