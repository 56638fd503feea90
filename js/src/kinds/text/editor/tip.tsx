/** The exact values of the token under the pointer. */
import type { ReadonlySignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Session } from "../../../session/session.ts";
import type { Hover } from "./editor-controller.ts";
import { ReadingWords, tokenReadingOf } from "./reading.tsx";

const GAP = 14;

export function Tip({ session, hover }: { session: Session; hover: ReadonlySignal<Hover | null> }) {
  const box = useRef<HTMLDivElement>(null);
  const at = hover.value;
  const frame = session.frame.value;
  const reading = tokenReadingOf(frame, at?.token ?? null);
  useLayoutEffect(() => {
    const node = box.current;
    const around = node?.parentElement?.getBoundingClientRect();
    if (!node || !around || !at) return;
    // Stays inside the widget's width: a host may cut off what stands out.
    const x = at.x - around.left;
    const left = x + GAP + node.offsetWidth <= around.width ? x + GAP : x - GAP - node.offsetWidth;
    node.style.left = `${Math.max(0, left)}px`;
    node.style.top = `${at.y - around.top + GAP}px`;
  });
  if (!reading) return null;
  const current = frame?.text === session.text.value;
  return (
    <div ref={box} class="nw-tooltip nw-editor-tip" role="tooltip" data-nw="tooltip">
      <ReadingWords reading={reading} exact />
      {!current && <span class="nw-soft">of the text before the last edit</span>}
    </div>
  );
}
