/** An exemplar opened in place: its whole document, its picture at size, or all columns of its row. */

import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { type Exemplar, type Listing, shadeStyle } from "../../../kinds/exemplars.ts";
import { kindOf } from "../../../kinds/registry.ts";
import { capital } from "../../../paint/words.ts";
import { isLive } from "../../../session/session.ts";
import type { DocumentAnswer } from "../../../wire/atlas-protocol.ts";
import type { AtlasSession } from "../../session/session.ts";

/** What scrolls must be reached by keys. */
const scrolls = (words: string) => ({ role: "group", tabIndex: 0, "aria-label": words }) as const;

/** The text of a document, and where in it the exemplar's token ends. */
export type Whole = { text: string; cursor: number };
/** Puts what is shown of an exemplar in the editor, or the whole document. */
export type Use = (exemplar: Exemplar, whole?: Whole) => void;

type OpenedProps = {
  atlas: AtlasSession;
  listing: Listing;
  exemplar: Exemplar;
  use: Use;
  close: () => void;
};

export function Opened({ atlas, listing, exemplar, use, close }: OpenedProps) {
  const { id, label, document } = exemplar;
  const { words, exemplars } = kindOf(listing.input);
  const { Opened: Own, place } = exemplars!;
  const word = capital(words.document[0]);
  const node = useRef<HTMLElement>(null);
  // Whoever opened it with a key goes on in it.
  useEffect(
    () => node.current?.querySelector<HTMLElement>("[tabindex='0']")?.focus({ preventScroll: true }),
    [],
  );
  return (
    <section
      ref={node}
      class="nw-ex-opened"
      data-nw="document"
      aria-label={`${word} ${id}`}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        close();
      }}
    >
      <div class="nw-ex-opened-head">
        <span>
          {word} <b>{id}</b>
          {document !== null && id !== String(document) && <span class="nw-soft"> (number {document})</span>}
          {label !== null && <> · label {label}</>}
          {place(exemplar) && ` · ${place(exemplar)![2]}`}
          {exemplar.at && (
            <>
              {" "}
              · peak at row {exemplar.at[0]}, column {exemplar.at[1]}
            </>
          )}
        </span>
        <button type="button" onClick={close}>
          Close
        </button>
      </div>
      {Own ? (
        <div class="nw-ex-scroll" {...scrolls(`All of the ${words.document[0]}`)}>
          <Own exemplar={exemplar} listing={listing} />
        </div>
      ) : (
        <Document
          key={`${listing.unit} ${exemplar.key}`}
          {...{ atlas, listing, exemplar }}
          use={(whole) => use(exemplar, whole)}
        />
      )}
    </section>
  );
}

type DocumentProps = Pick<OpenedProps, "atlas" | "listing" | "exemplar"> & { use: (whole: Whole) => void };

function Document({ atlas, listing, exemplar, use }: DocumentProps) {
  const channel = useMemo(() => atlas.channel("document"), [atlas]);
  useEffect(() => {
    channel.ask({ unit: listing.unit, key: exemplar.key });
    return () => atlas.end(channel);
  }, [channel]);
  const answer = channel.answer.value;
  const problem = channel.problem.value;
  const scroll = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const box = scroll.current;
    const peak = box?.querySelector<HTMLElement>(".nw-ex-peak");
    if (box && peak) box.scrollTop = peak.offsetTop - box.clientHeight / 2;
  }, [answer]);
  if (problem) return <p class="nw-error">{problem.message}</p>;
  if (!answer)
    return (
      <p class="nw-empty">
        {isLive(atlas)
          ? "The document is on its way."
          : "The whole document needs the kernel, and none answers."}
      </p>
    );
  const spans = answer.data.get("spans") as Int32Array;
  const [from, to, all] = answer.cut;
  const cursor = spans[2 * exemplar.peak + 1] ?? answer.text.length;
  return (
    <>
      <div class="nw-ex-opened-head">
        <p class="nw-sub">
          {answer.tokens.toLocaleString("en")} tokens
          {to - from < all &&
            ` · characters ${(from + 1).toLocaleString("en")}–${to.toLocaleString("en")} of ${all.toLocaleString("en")}`}
          {spans.length === 0 && " · where the token stands cannot be told from the text"}
        </p>
        {isLive(atlas) && (
          <button type="button" data-nw="document-use" onClick={() => use({ text: answer.text, cursor })}>
            Put the {to - from < all ? "part" : "document"} in the editor
          </button>
        )}
      </div>
      <div
        ref={scroll}
        class="nw-ex-scroll nw-mono"
        data-nw="document-text"
        {...scrolls("Text of the document")}
      >
        {parts(answer, spans, exemplar).map(({ text, token }) =>
          token === null ? (
            text
          ) : (
            <Mark key={token} text={text} token={token} listing={listing} exemplar={exemplar} />
          ),
        )}
      </div>
    </>
  );
}

function Mark({
  text,
  token,
  listing,
  exemplar,
}: {
  text: string;
  token: number;
  listing: Listing;
  exemplar: Exemplar;
}) {
  const shade = exemplar.shades[token];
  const isPeak = token === exemplar.peak;
  const isShaded = shade !== undefined && exemplar.shades.length === exemplar.pieces.length;
  // The peak may be a line's end, of which nothing would be seen.
  const shown = isPeak && /^\n*$/.test(text) ? `⏎${text}` : text;
  return (
    <mark
      class={isPeak ? "nw-ex-token nw-ex-peak" : "nw-ex-token"}
      style={isShaded ? shadeStyle(shade, listing.scale, isPeak) : undefined}
    >
      {shown}
    </mark>
  );
}

/** The text in parts: what stands before, each token of the exemplar, what stands between and after. */
export function parts(
  { text }: Pick<DocumentAnswer, "text">,
  spans: Int32Array,
  { pieces }: Pick<Exemplar, "pieces">,
): { text: string; token: number | null }[] {
  const stretches: { text: string; token: number | null }[] = [];
  let at = 0;
  for (let token = 0; token < pieces.length && 2 * token + 1 < spans.length; token++) {
    // Tokens that share a character have the same span: the first has it.
    const start = Math.max(at, spans[2 * token]!);
    const end = Math.max(start, spans[2 * token + 1]!);
    if (start > at) stretches.push({ text: text.slice(at, start), token: null });
    stretches.push({ text: text.slice(start, end), token });
    at = end;
  }
  if (at < text.length) stretches.push({ text: text.slice(at), token: null });
  return stretches;
}
