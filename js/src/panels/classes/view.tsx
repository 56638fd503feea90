/** Panel of classes: what the model says the input is, now and before it was edited. */
import { useRef } from "preact/hooks";
import { percent, signedPercent } from "../../paint/words.ts";
import type { Session } from "../../session/session.ts";
import { Bar } from "../../ui/bar.tsx";
import { whereBefore } from "../../ui/edited/before.ts";
import { useNeed } from "../../ui/need.ts";
import { shownPass } from "../../wire/frame.ts";
import type { Input } from "../../wire/inputs.ts";
import { OrProblem } from "../panel-problem.tsx";

/** More are cut to the likeliest. */
const MOST = 12;

/** `base`: the input before it was edited. */
export function Classes({ session, base }: { session: Session; base: Input | null }) {
  useNeed(session, "classes", {});
  const before = useRef<{ base: Input; probabilities: number[] } | null>(null);
  const frame = session.frame.value;
  const output = session.catalog.value.output ?? "";
  const classes = frame?.parts.classes ?? null;
  if (classes && base !== null && frame!.asked === base && shownPass(frame!) === "after" && !classes.before) {
    before.current = { base, probabilities: classes.probabilities };
  }
  const edited = classes?.before !== undefined;
  const was = classes?.before ?? (before.current?.base === base ? before.current?.probabilities : null);
  const changes = edited && shownPass(frame!) === "difference";
  const now = classes?.probabilities ?? [];
  const shown = now.map((p, i) => ({ p, i, was: was?.[i] ?? null, name: classes!.names[i] ?? `class ${i}` }));
  // Few keep their places, so that the eye does not have to search.
  if (shown.length > MOST) {
    shown.sort((a, b) => Math.max(b.p, b.was ?? 0) - Math.max(a.p, a.was ?? 0)).splice(MOST);
  }
  const longest = Math.max(2, ...shown.map(({ name }) => name.length));
  const best = now.indexOf(Math.max(...now));
  return (
    <section class="nw-panel nw-classes" data-nw="classes" aria-label="What does the model say?">
      <h3 class="nw-title">What does the model say?{output !== "" && ` (${output})`}</h3>
      <p class="nw-sub">
        probability now
        {was && [
          ", ",
          <span key="key" class="nw-was nw-key" />,
          ` ${edited ? whereBefore(session) : "before your edits"}`,
        ]}
      </p>
      {!classes && (
        <OrProblem session={session} of="classes">
          <p class="nw-empty">
            {session.catalog.value.input?.classes === null
              ? "This model has no classes."
              : "The probabilities of the classes appear here."}
          </p>
        </OrProblem>
      )}
      <ol class="nw-bars" style={{ "--nw-name": `${Math.min(14, longest + 1)}ch` }}>
        {shown.map(({ name, p, was, i }) => (
          <li key={i} class={i === best ? "nw-bar-row nw-really" : "nw-bar-row"} data-class={name}>
            <span class="nw-bar-name" title={name}>
              {name}
            </span>
            <Bar share={p} was={was} />
            <span class="nw-number" title={was === null ? "" : `before: ${percent(was)}`}>
              {changes && was !== null ? signedPercent(p - was) : percent(p)}
              {was !== null && <span class="nw-said">, before {percent(was)}</span>}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
